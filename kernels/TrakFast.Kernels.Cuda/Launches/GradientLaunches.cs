using System.Collections.Immutable;

namespace TrakFast.Kernels;

/// <summary>No projection: gradients added to [B, p] at their own coordinates.</summary>
internal static class GradientLaunches
{
    private static readonly DeviceKernel Dense = new(
        "AddDenseGradient", 256, [ArgumentKind.Floats, ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int64]);
    private static readonly DeviceKernel Rows = new(
        "AddRowsGradient", 256,
        [
            ArgumentKind.Longs, ArgumentKind.Floats, ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.Int32,
            ArgumentKind.Int32, ArgumentKind.Int64
        ]);
    private static readonly DeviceKernel Factored = new(
        "AddFactoredGradient",
        256,
        [
            ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.Int64,
            ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int64, ArgumentKind.Int64
        ]);

    private static readonly DeviceKernel FactoredReference = Factored with { Name = "AddFactoredGradientReference", Ships = false };

    /// <summary>The kernels launched here.</summary>
    public static ImmutableArray<DeviceKernel> Kernels => [Dense, Rows, Factored, FactoredReference];

    /// <summary>Adds written-out gradients to gradients [B, p].</summary>
    public static void Add(IDevice device, DenseBlock block, MemoryView gradients)
    {
        long length = block.Length, p = gradients.Length / block.Batch;
        foreach ((int first, int count) in Batches.Of(block.Batch, Batches.MostGroups))
        {
            device.Launch(
                Dense, new Grid3((length + 255) / 256, count), block.Values.Slice(first * length, count * length),
                gradients.Slice(first * p, count * p), block.Offset, length, p);
        }
    }

    /// <summary>Adds touched rows to gradients [B, p].</summary>
    public static void Add(IDevice device, RowsBlock block, MemoryView gradients)
    {
        long rows = block.Positions, length = rows * block.RowLength, p = gradients.Length / block.Batch;
        foreach ((int first, int count) in Batches.Of(block.Batch, Batches.MostGroups))
        {
            device.Launch(
                Rows,
                new Grid3((block.RowLength + 255L) / 256, count),
                block.Ids.Slice(first * rows, count * rows),
                block.Values.Slice(first * length, count * length),
                gradients.Slice(first * p, count * p),
                block.Offset,
                block.Positions,
                block.RowLength,
                p);
        }
    }

    /// <summary>Adds products over positions to gradients [B, p].</summary>
    public static void Add(IDevice device, in FactoredBlock block, MemoryView gradients) =>
        Add(device, Factored, block, block.Tiles, gradients);

    /// <summary>The definition of the same, for comparison.</summary>
    public static void AddByReference(IDevice device, in FactoredBlock block, MemoryView gradients) =>
        Add(device, FactoredReference, block, (((long)block.Rows * block.Columns) + 255) / 256, gradients);

    private static void Add(IDevice device, DeviceKernel kernel, in FactoredBlock block, long groups, MemoryView gradients)
    {
        long p = gradients.Length / block.Batch;
        foreach ((int first, int count) in Batches.Of(block.Batch, Batches.MostGroups))
        {
            FactoredBlock part = block.Part(first, count);
            device.Launch(
                kernel, new Grid3(groups, count), part.Left, part.LeftExample, part.LeftSteps, part.Right, part.RightExample,
                part.RightSteps, gradients.Slice(first * p, count * p), part.Offset, part.RowStride, part.Size, part.Shape, p);
        }
    }
}
