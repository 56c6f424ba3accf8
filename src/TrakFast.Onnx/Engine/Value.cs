namespace TrakFast.Onnx;

/// <summary>
/// What a whole number depends on beside the example itself. A positive mark c is c times the example's own index along the
/// examples' axis, which is 0 where there is one example: the number is what it says, and c more for each example before.
/// </summary>
internal enum Mark : long
{
    /// <summary>On nothing: it is what it says.</summary>
    None = 0,

    /// <summary>The example's own index.</summary>
    Own = 1,

    /// <summary>On the number of examples, or on their indices in another way.</summary>
    Counted = long.MinValue,
}

/// <summary>
/// What is known of a value before a batch comes: its shape for one example, where its examples lie, and its numbers
/// where they follow from the graph alone. Every value is float32 in memory; whole numbers and truth values are marked.
/// </summary>
internal sealed class Value
{
    public Value(int slot, string name, long[] shape, Placement placement, bool whole, bool separate)
    {
        Slot = slot;
        Name = name;
        Shape = shape;
        Placement = placement;
        Whole = whole;
        Separate = separate;
        Length = Shapes.Count(shape);
        Root = slot;
    }

    /// <summary>Its place among the program's values.</summary>
    public int Slot { get; }

    public string Name { get; }

    /// <summary>The shape that the graph would see for a single example; the examples' axis has size 1 unless it was merged.</summary>
    public long[] Shape { get; }

    public Placement Placement { get; }

    public bool Batched => Placement.Batched;

    /// <summary>Whether it holds whole numbers or truth values.</summary>
    public bool Whole { get; }

    /// <summary>Whether memory holds one for each example, [B, Shape]; otherwise one for all, even where the graph repeats it.</summary>
    public bool Separate { get; }

    /// <summary>Elements of one example.</summary>
    public long Length { get; }

    public int Rank => Shape.Length;

    /// <summary>The slot whose memory it is a view of; its own where it is none.</summary>
    public int Root { get; init; }

    /// <summary>Whether it is one of the file's stored arrays.</summary>
    public bool Stored { get; init; }

    /// <summary>Whole numbers known beforehand, or null.</summary>
    public long[]? Numbers { get; init; }

    /// <summary>What its whole numbers depend on; null where none is marked. Also known where the numbers are not.</summary>
    public Mark[]? Marks { get; init; }

    /// <summary>Its elements where they follow from the graph alone, in pinned memory; or null.</summary>
    public float[]? Constant { get; set; }

    /// <summary>The parameter's elements it holds unchanged, or null.</summary>
    public ParameterView? View { get; init; }

    /// <summary>Whether its elements are known beforehand.</summary>
    public bool Known => Numbers is not null || Constant is not null;

    public Mark MarkOf(long element) => Marks is null ? Mark.None : Marks[element];

    /// <summary>The shape as people write it, B for the examples.</summary>
    public override string ToString() =>
        $"[{string.Join(", ", Shape.Select((s, axis) => !Placement.HasAxis || axis != Placement.Axis ? s.ToString() : s == 1 ? "B" : $"{s}·B"))}]";
}
