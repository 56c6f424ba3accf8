using System.Globalization;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Formatting;
using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Cli.Bench;

/// <summary>What this machine does with TrakFast's kernels and with two networks, beside what it could do at best.</summary>
internal sealed unsafe class BenchTables(Workers workers, int dimension, int rounds, CancellationToken cancellationToken)
{
    private static readonly ProjectionKind[] Projections = [ProjectionKind.Sjlt, ProjectionKind.Kronecker, ProjectionKind.Rademacher];
    private readonly double _peak = FmaPeak.Measure(workers);

    /// <summary>The ceilings.</summary>
    public ToolTable Machine()
    {
        ToolTable table = new("Machine", "Value");
        using CpuBackend backend = new(workers);
        table.Add("Kernels", backend.Name);
        table.Add("Multiply-add peak, one thread", Rate(FmaPeak.Measure(Workers.Single), "GFLOP/s"));
        table.Add($"Multiply-add peak, {Threads()}", Rate(_peak, "GFLOP/s"));
        table.Add("Rival of matrix products", OpenBlas.Description);
        return table;
    }

    /// <summary>Kernels beside the ceiling, and beside OpenBLAS where it is found.</summary>
    public ToolTable Kernels()
    {
        ToolTable table = new("Kernel", "Size", "Rate", "Of the peak", "Speed / OpenBLAS");
        AddProduct(table, 1024, 1024, 1024);
        AddProduct(table, 4096, 64, 576);
        AddGram(table, 4096, 1024);
        AddProjection(table, ProjectionKind.Rademacher, 32, 1 << 16);
        AddProjection(table, ProjectionKind.Sjlt, 32, 1 << 20);
        return table;
    }

    /// <summary>A network's batch taken to features, by projection.</summary>
    public ToolTable Network(string name, OnnxGraph graph, int batchSize)
    {
        using FeaturizeRun run = new(graph, batchSize, dimension, workers);
        ToolTable table = new(
            $"{name}, B = {batchSize}, k = {NumberText.Of(dimension)}", "Examples/s", "Time / forward", "Projecting", "Of the peak");
        List<double>[] shares = [.. Projections.Select(static _ => new List<double>())];
        double[] times = Timing.Medians(rounds, cancellationToken,
        [
            run.Forward, run.ForwardBackward, .. Projections.Select((kind, i) => (Action)(() =>
            {
                run.Featurize(kind);
                shares[i].Add(run.ProjectionShare);
            })),
        ]);
        Add("Forward", times[0], 0, 1);
        Add("Forward and backward, no weights' gradients", times[1], 0, 2);
        for (int i = 0; i < Projections.Length; i++)
            Add(
                $"Features by {TrakWords.Projections.Word(Projections[i])}", times[i + 2],
                shares[i].Order().ElementAt(shares[i].Count / 2), 3);
        return table;

        // A batch's work in forwards: one forward, one more for the activations' gradients, one more for the weights'.
        void Add(string what, double time, double share, int forwards) => table.Add(
            what, Number(batchSize / time), Number(time / times[0]), share == 0 ? string.Empty : Percent(share),
            Percent(forwards * run.Operations * batchSize / time / _peak));
    }

    private void AddProduct(ToolTable table, int m, int n, int k)
    {
        using NativeBuffer<float> a = Data.Random((long)m * k), b = Data.Random((long)k * n), c = Data.Random((long)m * n);
        double[] times = Against(
            () => Sgemm.Multiply(workers, false, false, m, n, k, a.Pointer, k, b.Pointer, n, c.Pointer, n, false),
            () => OpenBlas.Sgemm(false, false, m, n, k, a.Pointer, b.Pointer, c.Pointer));
        AddRow(table, "Product, float32", $"{m}×{n}×{k}", times, 2.0 * m * n * k);
    }

    private void AddGram(ToolTable table, int rows, int columns)
    {
        using NativeBuffer<float> x = Data.Random((long)rows * columns), c = Data.Random((long)columns * columns);
        using CpuBackend backend = new(workers);
        using IGramAccumulator gram = backend.CreateGram(columns);
        double[] times = Against(
            () => gram.Add(x.View(), rows, MemoryView.Of((float*)null, 0)),
            () => OpenBlas.Ssyrk(rows, columns, x.Pointer, c.Pointer));
        AddRow(table, "Gram matrix, float64 carry", $"{rows}×{columns}", times, (double)rows * columns * (columns + 1));
    }

    private void AddProjection(ToolTable table, ProjectionKind kind, int batch, int length)
    {
        using NativeBuffer<float> gradients = Data.Random((long)batch * length), features = Data.Random((long)batch * dimension);
        using CpuBackend backend = new(workers);
        DenseBlock block = new(batch, 0, length, gradients.View());
        Projection projection = new(kind, dimension, 1, 0);
        void Project() => backend.Project(projection, block, features.View());
        string size = $"B = {batch}, p = {NumberText.Of(length)}";
        if (kind == ProjectionKind.Sjlt)
        {
            double time = Timing.Medians(rounds, cancellationToken, Project)[0];
            table.Add("SJLT of dense gradients", size, Rate(4.0 * batch * length / time, "GB/s"), string.Empty, string.Empty);
            return;
        }

        // The rival has its random matrix ready.
        using NativeBuffer<float>? matrix = OpenBlas.IsFound ? Data.Random((long)length * dimension) : null;
        double[] times = Against(
            Project, () => OpenBlas.Sgemm(false, false, batch, dimension, length, gradients.Pointer, matrix!.Pointer, features.Pointer));
        AddRow(table, "Rademacher of dense gradients", size, times, 2.0 * batch * length * dimension);
    }

    private double[] Against(Action ours, Action rival) => OpenBlas.IsFound
        ? Timing.Medians(rounds, cancellationToken, ours, rival)
        : Timing.Medians(rounds, cancellationToken, ours);

    private void AddRow(ToolTable table, string kernel, string size, double[] times, double operations) => table.Add(
        kernel, size, Rate(operations / times[0], "GFLOP/s"), Percent(operations / times[0] / _peak),
        times.Length > 1 ? Number(times[1] / times[0]) : string.Empty);

    private string Threads() => workers.Threads == 1 ? "1 thread" : $"{workers.Threads} threads";

    private static string Rate(double perSecond, string unit) => $"{(perSecond / 1e9).ToString("f0", CultureInfo.InvariantCulture)} {unit}";

    private static string Percent(double share) => share.ToString("p0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString(value < 10 ? "f2" : "f0", CultureInfo.InvariantCulture);
}
