using System.Numerics.Tensors;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>Walks a file of features in blocks of rows, with (ΦᵀΦ + λI)⁻¹ applied to each row.</summary>
internal sealed unsafe class SolvedRows : IDisposable
{
    private const int MostRows = 1024;

    /// <summary>Numbers in a block of right-hand sides at most: 64 MiB of float64.</summary>
    private const long MostNumbers = 8 << 20;

    private readonly int _blockRows;
    private readonly RegularizedKernel _kernel;
    private readonly Workers _workers;
    private readonly NativeBuffer<float> _rows;
    private readonly NativeBuffer<float> _solved;
    private readonly NativeBuffer<double> _rightHandSides;

    public SolvedRows(Workers workers, RegularizedKernel kernel)
    {
        (_workers, _kernel) = (workers, kernel);
        _blockRows = (int)Math.Clamp(MostNumbers / kernel.Factor.Order, 64, MostRows);
        long length = (long)_blockRows * kernel.Factor.Order;
        (_rows, _solved, _rightHandSides) =
            (new NativeBuffer<float>(length), new NativeBuffer<float>(length), new NativeBuffer<double>(length));
    }

    /// <summary>What is done with a block.</summary>
    /// <param name="start">First row.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="rows">The features [count, k].</param>
    /// <param name="solved">The same with the inverse applied, [count, k].</param>
    public delegate void BlockAction(long start, int count, float* rows, float* solved);

    /// <summary>Goes through the whole file.</summary>
    public void Each(NpyRowsFile file, BlockAction action, CancellationToken cancellationToken)
    {
        for (long start = 0; start < file.Rows; start += _blockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(_blockRows, file.Rows - start);
            file.ReadRows(start, count, _rows.Pointer);
            Solve(count, cancellationToken);
            action(start, count, _rows.Pointer, _solved.Pointer);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows.Dispose();
        _solved.Dispose();
        _rightHandSides.Dispose();
    }

    private void Solve(int count, CancellationToken cancellationToken)
    {
        int k = _kernel.Factor.Order;
        float* rows = _rows.Pointer;
        float* solved = _solved.Pointer;
        double* sides = _rightHandSides.Pointer;
        double scale = _kernel.InverseScale;
        for (int j = 0; j < count; j++)
            TensorPrimitives.ConvertTruncating<float, double>(
                new ReadOnlySpan<float>(rows + ((long)j * k), k), new Span<double>(sides + ((long)j * k), k));
        Cholesky.SolveRows(_workers, _kernel.Factor, sides, count, cancellationToken);
        for (int j = 0; j < count; j++)
        {
            Span<double> side = new(sides + ((long)j * k), k);
            if (scale != 1) TensorPrimitives.Multiply(side, scale, side);
            TensorPrimitives.ConvertTruncating<double, float>(side, new Span<float>(solved + ((long)j * k), k));
        }
    }
}
