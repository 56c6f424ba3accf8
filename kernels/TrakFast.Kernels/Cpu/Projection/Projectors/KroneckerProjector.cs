using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace TrakFast.Kernels;

/// <summary>
/// A parameter's gradient G taken to L·G·Rᵀ/kO, [kO, kI], and that by SJLT to k columns. Where the gradient is a product over
/// positions, L goes to one factor and R to the other, and the product over positions is kO by kI instead of the parameter's
/// size; where it is not, an example's gradient is written out. Entry (i, l) has the hash of the parameter's coordinate i·kI + l, so two
/// parameters never share one.
/// </summary>
internal sealed unsafe class KroneckerProjector(Projection projection, Workers workers, ScratchPool pool)
{
    // Remembers a pure function of an immutable key, for as long as the key lives: the convolution with kI filters.
    private static readonly ConditionalWeakTable<ConvolutionGeometry, ConcurrentDictionary<int, ConvolutionGeometry>> Filters = [];

    private readonly int _size = projection.FactorDimension;

    /// <summary>Adds the projection of a block of a parameter that the projection factors.</summary>
    public void Project(GradientBlock block, float* features)
    {
        ParameterMatrix parameter = block.Parameter;
        int image = _size * _size;
        using ScratchPool.Lease imageLease = pool.Rent((long)block.Batch * image);
        float* images = imageLease.Pointer;
        switch (block)
        {
            case OuterProductBlock outer when outer.RowStride == parameter.Columns && Column(outer) + outer.Columns <= parameter.Columns:
                Project(outer, images);
                break;
            case RowsBlock rows when rows.RowLength == parameter.Columns && rows.Offset == parameter.Offset:
                Project(rows, images);
                break;
            case ConvolutionBlock { Geometry.Groups: 1 } convolution
                when convolution.Geometry.UnfoldedRows == parameter.Columns && convolution.Offset == parameter.Offset:
                Project(convolution, images);
                break;
            default:
                ProjectWritten(block, images);
                break;
        }

        workers.Run(
            (long)block.Batch * image, 1 << 16, (start, end) => VectorAdd.Scale(1f / _size, images + start, images + start, end - start));
        DenseBlock folded = new(block.Batch, parameter.Offset, image, MemoryView.Of(images, (long)block.Batch * image));
        new SjltProjector(projection, workers, pool).Project(new DenseTiles(folded), features);
    }

    private static long Row(GradientBlock block) => (block.Offset - block.Parameter.Offset) / block.Parameter.Columns;

    private static long Column(GradientBlock block) => (block.Offset - block.Parameter.Offset) % block.Parameter.Columns;

    /// <summary>images [B, kO, kI] = Σ_t (L δ_t)(R a_t)ᵀ.</summary>
    private void Project(OuterProductBlock block, float* images)
    {
        long positions = (long)block.Batch * block.Positions;
        using ScratchPool.Lease signLease = pool.Rent((long)Math.Max(block.Rows, block.Columns) * _size);
        using ScratchPool.Lease leftLease = pool.Rent(positions * _size), rightLease = pool.Rent(positions * _size);
        float* signs = signLease.Pointer, left = leftLease.Pointer, right = rightLease.Pointer;
        Signs(block.Parameter.Offset, Row(block), block.Rows, RandomEntries.KroneckerRowStream, signs);
        Sgemm.Multiply(
            workers, false, false, positions, _size, block.Rows, block.Left.Floats, block.Rows, signs, _size, left, _size, false);
        Signs(block.Parameter.Offset, Column(block), block.Columns, RandomEntries.KroneckerColumnStream, signs);
        Sgemm.Multiply(
            workers, false, false, positions, _size, block.Columns, block.Right.Floats, block.Columns, signs, _size, right, _size, false);
        Multiply(block.Batch, block.Positions, left, right, images);
    }

    /// <summary>The same with δ_t one row of the table: L δ_t is the row's signs.</summary>
    private void Project(RowsBlock block, float* images)
    {
        long positions = (long)block.Batch * block.Positions;
        using ScratchPool.Lease signLease = pool.Rent((long)block.RowLength * _size);
        using ScratchPool.Lease leftLease = pool.Rent(positions * _size), rightLease = pool.Rent(positions * _size);
        float* signs = signLease.Pointer, left = leftLease.Pointer, right = rightLease.Pointer;
        long* ids = block.Ids.Longs;
        workers.Run(positions, 64, (start, end) =>
        {
            for (long t = start; t < end; t++) Signs(block.Offset, ids[t], 1, RandomEntries.KroneckerRowStream, left + (t * _size));
        });
        Signs(block.Offset, 0, block.RowLength, RandomEntries.KroneckerColumnStream, signs);
        Sgemm.Multiply(
            workers, false, false, positions, _size, block.RowLength, block.Values.Floats,
            block.RowLength, signs, _size, right, _size, false);
        Multiply(block.Batch, block.Positions, left, right, images);
    }

    /// <summary>The same over output positions: R goes to the patches as a convolution with kI filters.</summary>
    private void Project(ConvolutionBlock block, float* images)
    {
        ConvolutionGeometry geometry = block.Geometry;
        ConvolutionGeometry filters = Filters.GetValue(geometry, static _ => new ConcurrentDictionary<int, ConvolutionGeometry>())
            .GetOrAdd(_size, static (size, of) => of with { OutputChannels = size }, geometry);
        int outputs = geometry.OutputChannels, columns = geometry.UnfoldedRows, positions = geometry.OutputSize;
        using ScratchPool.Lease signLease = pool.Rent((long)Math.Max(outputs, columns) * _size),
            turnedLease = pool.Rent((long)columns * _size);
        using ScratchPool.Lease leftLease = pool.Rent((long)block.Batch * positions * _size),
            rightLease = pool.Rent((long)block.Batch * positions * _size);
        float* signs = signLease.Pointer, turned = turnedLease.Pointer, left = leftLease.Pointer, right = rightLease.Pointer;
        Signs(block.Offset, 0, columns, RandomEntries.KroneckerColumnStream, signs);
        for (int c = 0; c < columns; c++)
        {
            for (int i = 0; i < _size; i++) turned[((long)i * columns) + c] = signs[((long)c * _size) + i];
        }

        ConvolutionKernels.Forward(workers, filters, block.Batch, block.Input.Floats, turned, null, right);
        Signs(block.Offset, 0, outputs, RandomEntries.KroneckerRowStream, signs);
        float* delta = block.Delta.Floats;
        workers.Run(block.Batch, 1, (start, end) =>
        {
            for (long b = start; b < end; b++)
            {
                float* l = left + (b * positions * _size), r = right + (b * positions * _size);
                Sgemm.Multiply(
                    Workers.Single, true, false, _size, positions, outputs, signs, _size,
                    delta + (b * outputs * positions), positions, l, positions, false);
                Sgemm.Multiply(
                    Workers.Single, false, true, _size, _size, positions, l, positions, r, positions,
                    images + (b * _size * _size), _size, false);
            }
        });
    }

    /// <summary>Any block: an example's gradient is written out, a parameter's worth for each thread.</summary>
    private void ProjectWritten(GradientBlock block, float* images)
    {
        ParameterMatrix parameter = block.Parameter;
        long length = parameter.Rows * parameter.Columns;
        using ScratchPool.Lease rowLease = pool.Rent(parameter.Rows * _size), columnLease = pool.Rent(parameter.Columns * _size);
        float* rowSigns = rowLease.Pointer, columnSigns = columnLease.Pointer;
        Signs(parameter.Offset, 0, parameter.Rows, RandomEntries.KroneckerRowStream, rowSigns);
        Signs(parameter.Offset, 0, parameter.Columns, RandomEntries.KroneckerColumnStream, columnSigns);
        GradientBlock moved = block with { Offset = block.Offset - parameter.Offset };
        Projection none = new(ProjectionKind.None, checked((int)length), projection.Seed, projection.ModelId);
        IdentityProjector identity = new(none, Workers.Single, pool);
        TileSource? source = moved is RowsBlock ? null : TileSource.Of(moved);
        workers.Run(block.Batch, 1, (start, end) =>
        {
            using ScratchPool.Lease gradientLease = pool.Rent(length), rightLease = pool.Rent(parameter.Rows * _size);
            float* gradient = gradientLease.Pointer, right = rightLease.Pointer;
            for (long b = start; b < end; b++)
            {
                new Span<float>(gradient, checked((int)length)).Clear();
                if (source is null) IdentityProjector.AddExample((RowsBlock)moved, b, gradient);
                else identity.AddExample(source, b, gradient);
                Sgemm.Multiply(
                    Workers.Single, false, false, parameter.Rows, _size, parameter.Columns, gradient, parameter.Columns,
                    columnSigns, _size, right, _size, false);
                Sgemm.Multiply(
                    Workers.Single, true, false, _size, _size, parameter.Rows, rowSigns, _size, right, _size,
                    images + (b * _size * _size), _size, false);
            }
        });
    }

    /// <summary>images [B, kO, kI] = leftᵀ·right for left [B, T, kO] and right [B, T, kI].</summary>
    private void Multiply(int batch, int positions, float* left, float* right, float* images) => workers.Run(batch, 1, (start, end) =>
    {
        for (long b = start; b < end; b++)
        {
            long at = b * positions * _size;
            Sgemm.Multiply(
                Workers.Single, true, false, _size, _size, positions, left + at, _size, right + at, _size,
                images + (b * _size * _size), _size, false);
        }
    });

    /// <summary>
    /// signs [count, size] of rows, or columns, [first, first + count) of a parameter;
    /// size is a multiple of 16, so nothing is written beyond a row.
    /// </summary>
    private void Signs(long parameter, long first, long count, uint stream, float* signs)
    {
        const int Together = 64;
        uint* words = stackalloc uint[(4 * Together) + Philox.Slack];
        for (long done = 0; done < count; done += Together)
        {
            int some = (int)Math.Min(Together, count - done);
            CoordinateRuns rows = new(parameter + first + done, some, some);
            for (int block = 0; block < _size; block += 128)
                RademacherPanel.Fill(
                    projection, rows, 0, some, block / 128, stream, Math.Min(128, _size - block),
                    signs + (done * _size) + block, _size, words);
        }
    }
}
