namespace TrakFast.Onnx;

/// <summary>A value during a pass: its description and its memory.</summary>
internal readonly unsafe struct Tensor(Value value, float* data, int batch)
{
    public Value Value { get; } = value;

    public float* Data { get; } = data;

    /// <summary>One example's shape.</summary>
    public long[] Shape => Value.Shape;

    /// <summary>One example's elements.</summary>
    public long Length => Value.Length;

    /// <summary>Whether memory holds one for each example.</summary>
    public bool Separate => Value.Separate;

    /// <summary>Parts in memory: B, or one for all.</summary>
    public int Parts => Value.Separate ? batch : 1;

    /// <summary>Elements between two examples; 0 where all share the memory.</summary>
    public long Stride => Value.Separate ? Value.Length : 0;

    /// <summary>Elements in memory.</summary>
    public long Total => Parts * Value.Length;

    public override string ToString() => Value.ToString();
}
