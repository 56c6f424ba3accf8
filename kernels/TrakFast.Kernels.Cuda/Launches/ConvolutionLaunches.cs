using System.Collections.Immutable;

namespace TrakFast.Kernels;

/// <summary>
/// Takes a convolution's block apart into blocks that projections know. A group's gradient is a product over output positions, of δ and
/// of the input unfolded, which is done for as many examples at once as the scratch takes; where a 1×1 kernel looks at every
/// place, the input is that already. Groups that are small, depthwise ones above all, are written out instead.
/// </summary>
internal static class ConvolutionLaunches
{
    /// <summary>Coordinates of a group from which on it is worth launches of its own.</summary>
    private const long LargeGroup = 1 << 14;

    private static readonly DeviceKernel Places = new(
        "PatchPlaces", 256,
        [
            ArgumentKind.Ints, ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32,
            ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32
        ]);
    private static readonly DeviceKernel Unfold = new(
        "UnfoldPatches", 256,
        [ArgumentKind.Floats, ArgumentKind.Ints, ArgumentKind.Floats, ArgumentKind.Int32, ArgumentKind.Int64, ArgumentKind.Int64]);
    private static readonly DeviceKernel Grouped = new(
        "GroupedGradient", 256,
        [
            ArgumentKind.Floats, ArgumentKind.Floats, ArgumentKind.Ints, ArgumentKind.Floats, ArgumentKind.Int32, ArgumentKind.Int32,
            ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32, ArgumentKind.Int32
        ]);
    private static readonly DeviceKernel GroupedReference = Grouped with { Name = "GroupedGradientReference", Ships = false };

    /// <summary>Takes a part of a block: its first example, and the part as one of two kinds of block.</summary>
    public delegate void Receiver<TBlock>(int firstExample, TBlock block);

    /// <summary>The kernels launched here.</summary>
    public static ImmutableArray<DeviceKernel> Kernels => [Places, Unfold, Grouped, GroupedReference];

    /// <summary>Hands on a block in parts that add up to it.</summary>
    /// <param name="device">Where all lies.</param>
    /// <param name="scratch">Memory for what is unfolded.</param>
    /// <param name="block">The convolution.</param>
    /// <param name="factored">Receives products.</param>
    /// <param name="dense">Receives gradients that are written out.</param>
    public static void Split(
        IDevice device, DeviceScratch scratch, ConvolutionBlock block, Receiver<FactoredBlock> factored, Receiver<DenseBlock> dense)
    {
        ConvolutionGeometry geometry = block.Geometry;
        if (geometry.OutputSize == 0 || geometry.WeightSize == 0) return;
        if (geometry.Groups > 1 && geometry.WeightSize / geometry.Groups < LargeGroup) Write(device, scratch, block, dense);
        else if (InPlace(geometry)) Split(block, 0, block.Batch, block.Input, factored);
        else SplitUnfolded(device, scratch, block, factored);
    }

    /// <summary>The weight's gradients [B, weight] of a convolution, by their definition, for comparison.</summary>
    public static void WriteByReference(IDevice device, DeviceScratch scratch, ConvolutionBlock block, MemoryView gradients)
    {
        using DeviceScratch.Lease places = MakePlaces(device, scratch, block.Geometry);
        Write(device, GroupedReference, 256, block, places.View, gradients);
    }

    /// <summary>The weight's gradients [B, weight] of a convolution.</summary>
    public static void Write(IDevice device, DeviceScratch scratch, ConvolutionBlock block, MemoryView gradients)
    {
        using DeviceScratch.Lease places = MakePlaces(device, scratch, block.Geometry);
        Write(device, Grouped, 8, block, places.View, gradients);
    }

    /// <summary>Whether the input, unfolded, is the input.</summary>
    private static bool InPlace(ConvolutionGeometry geometry) =>
        geometry.KernelSize == 1 && geometry.Strides.All(static x => x == 1)
        && geometry.PadsBegin.All(static x => x == 0) && geometry.PadsEnd.All(static x => x == 0);

    private static void Split(ConvolutionBlock block, int first, int count, MemoryView unfolded, Receiver<FactoredBlock> receiver)
    {
        ConvolutionGeometry geometry = block.Geometry;
        int positions = geometry.OutputSize, rows = geometry.OutputChannels / geometry.Groups, columns = geometry.UnfoldedRows;
        long leftExample = (long)geometry.OutputChannels * positions, rightExample = (long)geometry.Groups * columns * positions;
        for (int group = 0; group < geometry.Groups; group++)
        {
            long left = (first * leftExample) + ((long)group * rows * positions), right = (long)group * columns * positions;
            receiver(first, new FactoredBlock(
                count, block.Offset + ((long)group * rows * columns), columns, positions, rows, columns,
                block.Delta.Slice(left, block.Delta.Length - left), leftExample, 1, positions,
                unfolded.Slice(right, unfolded.Length - right), rightExample, 1, positions));
        }
    }

    private static void SplitUnfolded(IDevice device, DeviceScratch scratch, ConvolutionBlock block, Receiver<FactoredBlock> receiver)
    {
        ConvolutionGeometry geometry = block.Geometry;
        using DeviceScratch.Lease places = MakePlaces(device, scratch, geometry);
        long example = geometry.InputChannels * places.View.Length;
        int together = scratch.Together(example * sizeof(float), block.Batch);
        using DeviceScratch.Lease patches = scratch.Rent(ElementType.Float32, example * together);
        foreach ((int first, int count) in Batches.Of(block.Batch, together))
        {
            long channels = (long)count * geometry.InputChannels, y = Math.Min(channels, Batches.MostGroups);
            MemoryView now = patches.View.Slice(0, count * example);
            device.Launch(
                Unfold, new Grid3((places.View.Length + 255) / 256, y, (channels + y - 1) / y),
                block.Input, places.View, now, geometry.InputSize, (long)first * geometry.InputChannels, channels);
            Split(block, first, count, now, receiver);
        }
    }

    private static void Write(IDevice device, DeviceScratch scratch, ConvolutionBlock block, Receiver<DenseBlock> receiver)
    {
        long length = block.Geometry.WeightSize;
        using DeviceScratch.Lease places = MakePlaces(device, scratch, block.Geometry);
        int together = scratch.Together(length * sizeof(float), block.Batch);
        using DeviceScratch.Lease gradients = scratch.Rent(ElementType.Float32, length * together);
        foreach ((int first, int count) in Batches.Of(block.Batch, together))
        {
            MemoryView now = gradients.View.Slice(0, count * length);
            Write(device, Grouped, 8, (ConvolutionBlock)BlockParts.Of(block, first, count), places.View, now);
            receiver(first, new DenseBlock(count, block.Offset, length, now) { Parameter = block.Parameter });
        }
    }

    private static void Write(
        IDevice device, DeviceKernel kernel, int elements, ConvolutionBlock block, MemoryView places, MemoryView gradients)
    {
        ConvolutionGeometry geometry = block.Geometry;
        long length = geometry.WeightSize, delta = block.Delta.Length / block.Batch, input = block.Input.Length / block.Batch;
        foreach ((int first, int count) in Batches.Of(block.Batch, Batches.MostGroups))
        {
            device.Launch(
                kernel, new Grid3((length + elements - 1) / elements, count),
                block.Delta.Slice(first * delta, count * delta), block.Input.Slice(first * input, count * input), places,
                gradients.Slice(first * length, count * length), geometry.OutputChannels / geometry.Groups,
                geometry.InputChannels / geometry.Groups, geometry.OutputChannels, geometry.InputChannels, geometry.KernelSize,
                geometry.OutputSize, geometry.InputSize);
        }
    }

    /// <summary>What each tap sees from each position.</summary>
    private static DeviceScratch.Lease MakePlaces(IDevice device, DeviceScratch scratch, ConvolutionGeometry geometry)
    {
        DeviceScratch.Lease places = scratch.Rent(ElementType.Int32, (long)geometry.KernelSize * geometry.OutputSize);
        device.Clear(places.View.Pointer, places.View.Length * sizeof(int));
        int innerTaps = 1, innerPositions = 1, step = 1;
        for (int axis = geometry.Kernel.Count - 1; axis >= 0; axis--)
        {
            device.Launch(
                Places, new Grid3((places.View.Length + 255) / 256), places.View, geometry.OutputSize, innerTaps, innerPositions, step,
                geometry.Input[axis], geometry.Output[axis], geometry.Kernel[axis], geometry.Strides[axis],
                geometry.Dilations[axis], geometry.PadsBegin[axis]);
            innerTaps *= geometry.Kernel[axis];
            innerPositions *= geometry.Output[axis];
            step *= geometry.Input[axis];
        }

        return places;
    }
}
