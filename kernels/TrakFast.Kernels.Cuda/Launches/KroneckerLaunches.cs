using System.Collections.Immutable;

namespace TrakFast.Kernels;

/// <summary>
/// Projections of a parameter that <see cref="Projection.Factors"/>: L goes to one factor and R to the other, and their product over
/// positions, kO by kI and scaled by 1/kO, goes by SJLT, which makes it in shared memory. Where a block is not a product over positions
/// of whole rows of the parameter, an example's gradient is written out, R applied to its rows, and L multiplied in as the other factor.
/// Entry (i, l) of the product has the hash of the parameter's coordinate i·kI + l.
/// </summary>
internal static class KroneckerLaunches
{
    private static readonly DeviceKernel SignKernel = new(
        "KroneckerSigns", 256,
        [
            ArgumentKind.Longs, ArgumentKind.Floats, ArgumentKind.Int64, ArgumentKind.Int32, ArgumentKind.Int32,
            ArgumentKind.Int32, ArgumentKind.Int32
        ]);

    /// <summary>The kernels launched here.</summary>
    public static ImmutableArray<DeviceKernel> Kernels => [SignKernel];

    /// <summary>Adds the projection of a block of a factored parameter to features [B, k].</summary>
    public static void Project(
        IDevice device, DeviceScratch scratch, in Projection projection, GradientBlock block, MemoryView features, DeviceArithmetic method)
    {
        Projection matrix = projection;
        ParameterMatrix parameter = block.Parameter;
        switch (block)
        {
            case OuterProductBlock outer when outer.RowStride == parameter.Columns
                && ((outer.Offset - parameter.Offset) % parameter.Columns) + outer.Columns <= parameter.Columns:
                Project(device, scratch, projection, parameter, FactoredBlock.Of(outer), features, method);
                break;
            case RowsBlock rows when rows.RowLength == parameter.Columns && rows.Offset == parameter.Offset:
                Project(device, scratch, projection, rows, features, method);
                break;
            case ConvolutionBlock { Geometry.Groups: 1 } convolution
                when convolution.Geometry.UnfoldedRows == parameter.Columns && convolution.Offset == parameter.Offset:
                ConvolutionLaunches.Split(
                    device,
                    scratch,
                    convolution,
                    (first, part) =>
                        Project(device, scratch, matrix, parameter, part, Of(features, first, part.Batch, matrix.Dimension), method),
                    static (_, part) => throw new InvalidOperationException(
                        $"A convolution without groups was written out over {part.Length} coordinates."));
                break;
            default:
                ProjectWritten(device, scratch, projection, block, features, method);
                break;
        }
    }

    private static MemoryView Of(MemoryView features, int first, int count, int k) => features.Slice((long)first * k, (long)count * k);

    /// <summary>Σ_t (L left_t)(R right_t)ᵀ, in batches whose factors fit the scratch.</summary>
    private static void Project(
        IDevice device, DeviceScratch scratch, in Projection projection, in ParameterMatrix parameter, in FactoredBlock block,
        MemoryView features, DeviceArithmetic method)
    {
        (long row, long column) = Math.DivRem(block.Offset - parameter.Offset, parameter.Columns);
        int size = projection.FactorDimension, together = scratch.Together((long)block.Positions * size * sizeof(float), block.Batch);
        long example = (long)block.Positions * size;
        using DeviceScratch.Lease left = scratch.Rent(ElementType.Float32, together * example),
            right = scratch.Rent(ElementType.Float32, together * example);
        foreach ((int first, int count) in Batches.Of(block.Batch, together))
        {
            FactoredBlock part = block.Part(first, count);
            MemoryView l = left.View.Slice(0, count * example), r = right.View.Slice(0, count * example);
            DenseLaunches.ProjectFactor(
                device, scratch, projection, RandomEntries.KroneckerRowStream, parameter.Offset + row, StridedRows.LeftOf(part), l, method);
            DenseLaunches.ProjectFactor(
                device, scratch, projection, RandomEntries.KroneckerColumnStream, parameter.Offset + column,
                StridedRows.RightOf(part), r, method);
            Fold(
                device, scratch, projection, parameter, count, block.Positions, l, example, r,
                Of(features, first, count, projection.Dimension));
        }
    }

    /// <summary>The same with left_t one row of the table: L left_t is the row's signs.</summary>
    private static void Project(
        IDevice device, DeviceScratch scratch, in Projection projection, RowsBlock block, MemoryView features, DeviceArithmetic method)
    {
        int size = projection.FactorDimension, together = scratch.Together((long)block.Positions * size * sizeof(float), block.Batch);
        long positions = block.Positions, example = positions * size, length = positions * block.RowLength;
        using DeviceScratch.Lease left = scratch.Rent(ElementType.Float32, together * example),
            right = scratch.Rent(ElementType.Float32, together * example);
        foreach ((int first, int count) in Batches.Of(block.Batch, together))
        {
            MemoryView l = left.View.Slice(0, count * example), r = right.View.Slice(0, count * example);
            Signs(
                device, projection, block.Ids.Slice(first * positions, count * positions),
                block.Offset, RandomEntries.KroneckerRowStream, l);
            StridedRows rows = new(
                block.Values.Slice(first * length, count * length), count, block.Positions, block.RowLength, length, block.RowLength, 1);
            DenseLaunches.ProjectFactor(device, scratch, projection, RandomEntries.KroneckerColumnStream, block.Offset, rows, r, method);
            Fold(
                device, scratch, projection, block.Parameter, count, block.Positions, l, example, r,
                Of(features, first, count, projection.Dimension));
        }
    }

    /// <summary>Any block: gradients are written out, as many parameters' worth at once as the scratch takes.</summary>
    private static void ProjectWritten(
        IDevice device, DeviceScratch scratch, in Projection projection, GradientBlock block, MemoryView features, DeviceArithmetic method)
    {
        ParameterMatrix parameter = block.Parameter;
        int size = projection.FactorDimension, rows = checked((int)parameter.Rows);
        long length = parameter.Rows * parameter.Columns, example = parameter.Rows * size;
        int together = scratch.Together(length * sizeof(float), block.Batch);
        using DeviceScratch.Lease signs = scratch.Rent(ElementType.Float32, example);
        using DeviceScratch.Lease gradients = scratch.Rent(ElementType.Float32, together * length),
            right = scratch.Rent(ElementType.Float32, together * example);
        Signs(
            device, projection, new MemoryView(0, 0, ElementType.Int64, device.Space), parameter.Offset,
            RandomEntries.KroneckerRowStream, signs.View);
        foreach ((int first, int count) in Batches.Of(block.Batch, together))
        {
            MemoryView written = gradients.View.Slice(0, count * length), r = right.View.Slice(0, count * example);
            device.Clear(written.Pointer, written.Length * sizeof(float));
            Write(device, scratch, BlockParts.Of(block, first, count) with { Offset = block.Offset - parameter.Offset }, written);
            DenseLaunches.ProjectFactor(
                device, scratch, projection, RandomEntries.KroneckerColumnStream, parameter.Offset,
                new StridedRows(written, count, rows, parameter.Columns, length, parameter.Columns, 1), r, method);
            Fold(device, scratch, projection, parameter, count, rows, signs.View, 0, r, Of(features, first, count, projection.Dimension));
        }
    }

    /// <summary>Adds a block's gradients to gradients [B, p].</summary>
    private static void Write(IDevice device, DeviceScratch scratch, GradientBlock block, MemoryView gradients)
    {
        long p = gradients.Length / block.Batch;
        switch (block)
        {
            case DenseBlock dense: GradientLaunches.Add(device, dense, gradients); break;
            case OuterProductBlock outer: GradientLaunches.Add(device, FactoredBlock.Of(outer), gradients); break;
            case RowsBlock rows: GradientLaunches.Add(device, rows, gradients); break;
            case ConvolutionBlock convolution:
                ConvolutionLaunches.Split(
                    device,
                    scratch,
                    convolution,
                    (first, part) => GradientLaunches.Add(device, part, gradients.Slice(first * p, part.Batch * p)),
                    (first, part) => GradientLaunches.Add(device, part, gradients.Slice(first * p, part.Batch * p)));
                break;
            default: throw new NotSupportedException($"{block.GetType().Name} cannot be written out.");
        }
    }

    /// <summary>Features += SJLT of Σ_t left[t]·right[t]ᵀ / kO for left [B, T, kO] and right [B, T, kI].</summary>
    private static void Fold(
        IDevice device, DeviceScratch scratch, in Projection projection, in ParameterMatrix parameter, int batch, int positions,
        MemoryView left, long leftExample, MemoryView right, MemoryView features)
    {
        int size = projection.FactorDimension;
        FactoredBlock product = new(
            batch, parameter.Offset, size, positions, size, size, left, leftExample, size, 1, right, (long)positions * size, size, 1);
        SjltLaunches.Project(device, scratch, projection, product, features, 1f / size);
    }

    /// <summary>Signs [count, size] of the factor for the given rows, or for all from row 0 on.</summary>
    private static void Signs(IDevice device, in Projection projection, MemoryView ids, long parameter, uint stream, MemoryView signs) =>
        device.Launch(
            SignKernel, new Grid3(((signs.Length / 16) + 255) / 256), ids, signs, parameter, projection.FactorDimension,
            stream, projection.Seed, projection.ModelId);
}
