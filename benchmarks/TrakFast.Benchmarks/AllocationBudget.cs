using TrakFast.Cli.Bench;
using TrakFast.Kernels;

namespace TrakFast.Benchmarks;

/// <summary>
/// Does featurizing in a steady state allocate on the managed heap? <c>-- allocations</c> takes one network to features with
/// different batches, dimensions and projections, and fails where a batch allocates more than the budget, or where what it allocates
/// grows with B or k.
/// </summary>
internal static class AllocationBudget
{
    /// <summary>Bytes that a batch may allocate, whatever its size: delegates, blocks' descriptions, the task's small arrays.</summary>
    private const long Budget = 128 << 10;

    /// <summary>Bytes by which the largest batch and dimension may exceed the smallest.</summary>
    private const long Growth = 32 << 10;

    private const int Warm = 3;

    /// <summary>Prints a line for each case; 0 if all keep the budget.</summary>
    public static int Run()
    {
        bool kept = true;
        foreach (ProjectionKind kind in new[] { ProjectionKind.Sjlt, ProjectionKind.Kronecker, ProjectionKind.Rademacher })
        {
            long small = Bytes(kind, 16, 512), large = Bytes(kind, 48, 2048);
            bool good = Math.Max(small, large) <= Budget && large - small <= Growth;
            kept &= good;
            Console.WriteLine(
                $"{TrakWords.Projections.Word(kind),-11} B = 16, k = 512: {small,9:n0} bytes a batch; B = 48, k = 2048: {large,9:n0}; "
                + $"budget {Budget:n0}, growth at most {Growth:n0}: {(good ? "kept" : "EXCEEDED")}");
        }

        return kept ? 0 : 1;
    }

    private static long Bytes(ProjectionKind kind, int batch, int dimension)
    {
        using FeaturizeRun run = new(SampleNetworks.ResNet9(), batch, dimension, Workers.PerProcessor());
        for (int i = 0; i < Warm; i++) run.Featurize(kind);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < Warm; i++) run.Featurize(kind);
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / Warm;
    }
}
