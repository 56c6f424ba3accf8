using System.Diagnostics.Metrics;

namespace TrakFast;

/// <summary>What the library counts, for whoever listens to the meter <c>TrakFast</c>.</summary>
internal static class TrakMetrics
{
    private static readonly Meter Meter = new("TrakFast");

    /// <summary>Examples featurized, training examples and targets.</summary>
    public static Counter<long> Examples { get; } = Meter.CreateCounter<long>(
        "trakfast.examples", "{example}", "Examples whose features were computed.");
}
