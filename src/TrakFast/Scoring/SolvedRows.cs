using TrakFast.Kernels;

namespace TrakFast;

/// <summary>Walks a file of features in blocks of rows, with (ΦᵀΦ + λI)⁻¹ applied to each row.</summary>
internal sealed unsafe class SolvedRows : IDisposable
{
    private const int BlockRows = 256;
    private readonly RegularizedKernel _kernel;
    private readonly Workers _workers;
    private readonly NativeBuffer<float> _rows;
    private readonly NativeBuffer<float> _solved;
    private readonly NativeBuffer<double> _columns;

    public SolvedRows(Workers workers, RegularizedKernel kernel)
    {
        (_workers, _kernel) = (workers, kernel);
        long length = (long)BlockRows * kernel.Factor.Order;
        (_rows, _solved, _columns) = (new NativeBuffer<float>(length), new NativeBuffer<float>(length), new NativeBuffer<double>(length));
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
        for (long start = 0; start < file.Rows; start += BlockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(BlockRows, file.Rows - start);
            file.ReadRows(start, count, _rows.Pointer);
            Solve(count);
            action(start, count, _rows.Pointer, _solved.Pointer);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows.Dispose();
        _solved.Dispose();
        _columns.Dispose();
    }

    private void Solve(int count)
    {
        int k = _kernel.Factor.Order;
        float* rows = _rows.Pointer;
        float* solved = _solved.Pointer;
        double* columns = _columns.Pointer;
        for (int j = 0; j < count; j++)
        {
            for (int i = 0; i < k; i++) columns[((long)i * count) + j] = rows[((long)j * k) + i];
        }

        Cholesky.Solve(_workers, _kernel.Factor, columns, count);
        for (int j = 0; j < count; j++)
        {
            for (int i = 0; i < k; i++) solved[((long)j * k) + i] = (float)(columns[((long)i * count) + j] * _kernel.InverseScale);
        }
    }
}
