using System.Diagnostics;

namespace TrakFast.Onnx;

/// <summary>
/// A value during a pass: float32 in native memory that the pass owns, or whole numbers on the side (shapes, labels,
/// token ids). It either carries the example on axis 0 or is the same for all examples. Whole numbers that were counted
/// from the examples are marked, so that a shape may follow the batch but no result can.
/// </summary>
internal sealed unsafe class Tensor
{
    private readonly float* _data;
    private readonly long[]? _integers;

    public Tensor(float* data, long[] shape, bool batched)
        : this(shape, batched) => _data = data;

    public Tensor(long[] integers, long[] shape, bool batched, bool[]? counted = null)
        : this(shape, batched)
    {
        _integers = integers;
        Counted = counted;
    }

    private Tensor(long[] shape, bool batched)
    {
        Debug.Assert(!batched || shape.Length > 0);
        Shape = shape;
        BatchAxis = batched ? 0 : -1;
        Length = Shapes.Count(shape);
        ExampleLength = batched ? Length / Math.Max(shape[0], 1) : Length;
    }

    public long[] Shape { get; }

    /// <summary>The axis of the example, or −1 for a value that all examples share.</summary>
    public int BatchAxis { get; }

    public bool Batched => BatchAxis == 0;

    public long Length { get; }

    /// <summary>Sizes of one example's part: without axis 0 where that is the example.</summary>
    public ReadOnlySpan<long> ExampleShape => Batched ? Shape.AsSpan(1) : Shape;

    public long ExampleLength { get; }

    /// <summary>Elements between two examples; 0 where all share the value.</summary>
    public long Stride => Batched ? ExampleLength : 0;

    /// <summary>Parts the value consists of: one for each example, or one for all.</summary>
    public int Parts => Batched ? (int)Shape[0] : 1;

    public int Rank => Shape.Length;

    public bool IsInteger => _integers is not null;

    public long[] Integers => _integers!;

    /// <summary>Which of the whole numbers depend on the number of examples; null where none does.</summary>
    public bool[]? Counted { get; }

    public float* Data
    {
        get
        {
            Debug.Assert(_integers is null);
            return _data;
        }
    }

    public override string ToString() => Shapes.Text(Shape);
}
