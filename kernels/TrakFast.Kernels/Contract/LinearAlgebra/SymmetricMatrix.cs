namespace TrakFast.Kernels;

/// <summary>A symmetric float64 matrix, row-major, both triangles filled. Disposing frees it.</summary>
public sealed class SymmetricMatrix : IDisposable
{
    private readonly NativeBuffer<double> _values;

    /// <summary>Creates a zero matrix of the given order.</summary>
    public SymmetricMatrix(int order)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        Order = order;
        _values = new NativeBuffer<double>((long)order * order);
    }

    /// <summary>Rows, which are also the columns.</summary>
    public int Order { get; }

    /// <summary>Address of element (0, 0); row i begins i · Order elements on.</summary>
    public unsafe double* Pointer => _values.Pointer;

    /// <summary>Row i.</summary>
    public Span<double> Row(int i) => _values.Slice((long)i * Order, Order);

    /// <summary>Sum of the diagonal.</summary>
    public double Trace()
    {
        double sum = 0;
        for (int i = 0; i < Order; i++) sum += Row(i)[i];
        return sum;
    }

    /// <inheritdoc/>
    public void Dispose() => _values.Dispose();
}
