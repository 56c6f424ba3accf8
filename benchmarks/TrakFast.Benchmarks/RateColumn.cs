using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace TrakFast.Benchmarks;

/// <summary>Adds a column with the rate at which benchmarks of a class write.</summary>
/// <param name="bytes">Bytes an operation writes.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BytesAttribute(double bytes) : Attribute, IConfigSource
{
    /// <inheritdoc/>
    public IConfig Config { get; } = ManualConfig.CreateEmpty().AddColumn(new RateColumn(bytes));

    private sealed class RateColumn(double bytes) : IColumn
    {
        public string Id => nameof(RateColumn);

        public string ColumnName => "GB/s";

        public bool AlwaysShow => true;

        public ColumnCategory Category => ColumnCategory.Metric;

        public int PriorityInCategory => 0;

        public bool IsNumeric => true;

        public UnitType UnitType => UnitType.Dimensionless;

        public string Legend => "10⁹ bytes a second, by the median";

        // Bytes in a nanosecond are gigabytes in a second.
        public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
            summary[benchmarkCase]?.ResultStatistics is { } statistics
                ? (bytes / statistics.Median).ToString("F1", summary.GetCultureInfo())
                : "?";

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

        public bool IsAvailable(Summary summary) => true;

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
    }
}
