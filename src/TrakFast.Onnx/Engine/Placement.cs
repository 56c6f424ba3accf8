namespace TrakFast.Onnx;

/// <summary>
/// Where a value holds its examples, in the axes that the graph sees. A model is run as for a single example, many times
/// side by side; where the example's axis lies decides nothing but what is refused, and what a reshape may merge.
/// </summary>
internal readonly record struct Placement
{
    private enum Kind
    {
        Shared,
        Hidden,
        OnAxis,
    }

    private readonly Kind _kind;
    private readonly int _axis;

    private Placement(Kind kind, int axis, long outer)
    {
        _kind = kind;
        _axis = axis;
        Outer = outer;
    }

    /// <summary>The same for all examples.</summary>
    public static Placement Shared => default;

    /// <summary>
    /// Every example has its own, and the graph knows no axis for that: it was written for one example, or a value that
    /// it takes for shared is given for each.
    /// </summary>
    public static Placement Hidden => new(Kind.Hidden, 0, 0);

    /// <summary>Of what was made of values that have no axis for the examples, where one of them may differ or none does.</summary>
    public static Placement WithoutAxis(bool batched) => batched ? Hidden : Shared;

    /// <summary>On an axis: [.., outer·B·inner, ..] where the axis is merged with others, [.., B, ..] where it is not.</summary>
    public static Placement On(int axis, long outer = 1) => new(Kind.OnAxis, axis, outer);

    /// <summary>The axis, or −1.</summary>
    public int Axis => HasAxis ? _axis : -1;

    /// <summary>Elements of the axis that come before the examples, where the axis was merged with others.</summary>
    public long Outer { get; }

    /// <summary>Whether examples may differ.</summary>
    public bool Batched => _kind != Kind.Shared;

    /// <summary>Whether the graph knows the axis.</summary>
    public bool HasAxis => _kind == Kind.OnAxis;

    /// <summary>The same on another axis.</summary>
    public Placement Moved(int axis) => HasAxis ? On(axis, Outer) : this;
}
