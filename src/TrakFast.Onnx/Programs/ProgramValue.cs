namespace TrakFast.Onnx.Programs;

/// <summary>What is known of a value before a batch comes. Whole numbers and truth values are kept as float32, like all others.</summary>
public sealed class ProgramValue
{
    private readonly string _text;

    internal ProgramValue(Value value, OnnxGraph graph)
    {
        (Slot, Name, Shape, Length) = (value.Slot, value.Name, value.Shape, value.Length);
        (Batched, Separate, Whole, Stored) = (value.Batched, value.Separate, value.Whole, value.Stored);
        _text = value.ToString();
        if (value.Constant is { } constant) Known = constant.AsMemory(0, checked((int)value.Length));
        else if (value.Numbers is { } numbers) Known = numbers.Select(static n => (float)n).ToArray();
        if (value.View is { } view)
            Parameter = new ParameterElements(graph.Parameters[view.Parameter], view.Offset, view.Strides, view.IsDense(value.Shape));
    }

    /// <summary>Its place among the program's values.</summary>
    public int Slot { get; }

    /// <summary>Its name in the graph.</summary>
    public string Name { get; }

    /// <summary>The shape that the graph would see for a single example; the examples' axis has size 1 unless it was merged.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Axes of the shape.</summary>
    public int Rank => Shape.Count;

    /// <summary>Elements of one example.</summary>
    public long Length { get; }

    /// <summary>Whether examples may differ.</summary>
    public bool Batched { get; }

    /// <summary>Whether there is one for each example; otherwise one for all, even where the graph repeats it.</summary>
    public bool Separate { get; }

    /// <summary>Whether it holds whole numbers or truth values.</summary>
    public bool Whole { get; }

    /// <summary>Whether it is one of the file's stored arrays.</summary>
    public bool Stored { get; }

    /// <summary>Its elements where they follow from the graph alone, or null.</summary>
    public ReadOnlyMemory<float>? Known { get; }

    /// <summary>The parameter whose elements it holds unchanged, or null.</summary>
    public ParameterElements? Parameter { get; }

    /// <summary>The shape as people write it, B for the examples.</summary>
    public override string ToString() => _text;
}

/// <summary>Elements of a parameter as a node sees them: slices, transposes and reshapes of it.</summary>
/// <param name="Of">The parameter.</param>
/// <param name="Offset">The first element's place in it.</param>
/// <param name="Strides">Elements of the parameter from one place to the next along each axis.</param>
/// <param name="IsDense">Whether the elements lie one behind the other.</param>
public sealed record ParameterElements(ModelParameter Of, long Offset, IReadOnlyList<long> Strides, bool IsDense)
{
    /// <summary>The parameter's name.</summary>
    public string Name => Of.Name;
}
