namespace TrakFast.Onnx;

/// <summary>
/// What an operator's constructor sees of its node: attributes, inputs as far as they are known, and the output to declare.
/// </summary>
internal sealed class NodeBuilder
{
    private readonly Value?[] _inputs;

    public NodeBuilder(GraphNode node, int opset, int output, Value?[] inputs, int slot, long examples)
    {
        Node = node;
        Opset = opset;
        OutputIndex = output;
        _inputs = inputs;
        Slot = slot;
        Examples = examples;
        Reads = new bool[inputs.Length];
    }

    /// <summary>Most elements of an example's value: 64 GiB.</summary>
    public const long MostElements = 1L << 34;

    /// <summary>
    /// Most entries of what is worked out before a pass: numbers known beforehand, folded constants, and lists of the
    /// elements that an operator moves or combines.
    /// </summary>
    public const long MostEntries = 1L << 25;

    public GraphNode Node { get; }

    /// <summary>The slot of the output to be made.</summary>
    public int Slot { get; }

    public int Opset { get; }

    /// <summary>Which of the node's outputs is to be made.</summary>
    public int OutputIndex { get; }

    /// <summary>The number that stands for the number of examples in sizes.</summary>
    public long Examples { get; }

    /// <summary>Whether the file states that number, more than one, so that constants may hold it.</summary>
    public bool StatesExamples { get; init; }

    /// <summary>Which inputs' elements a pass reads.</summary>
    public bool[] Reads { get; }

    /// <summary>float32 elements that a pass saves beside the output, for each part of it in memory.</summary>
    public long Saved { get; private set; }

    /// <summary>The declared output, or null so far.</summary>
    public Value? Output { get; private set; }

    public int InputCount => _inputs.Length;

    /// <summary>Checks the numbers of inputs and outputs.</summary>
    public void Expect(int inputs, int optionalInputs, bool severalOutputs)
    {
        int given = Node.Inputs.Count;
        if (given < inputs || given > (long)inputs + optionalInputs)
            throw Refuse($"has {given} inputs; {inputs}{(optionalInputs > 0 ? $" to {inputs + optionalInputs}" : "")} are wanted");
        for (int i = 0; i < inputs; i++)
        {
            if (!Node.HasInput(i)) throw Refuse($"lacks its input {i}");
        }

        if (severalOutputs) return;
        if (!Node.HasOutput(0)) throw Refuse("has no output");
        if (Enumerable.Range(1, Math.Max(Node.Outputs.Count - 1, 0)).Any(Node.HasOutput))
            throw Refuse($"has {Node.Outputs.Count} outputs; only the first is supported");
    }

    /// <summary>An error about the node, whose sentence goes on with the problem.</summary>
    public TrakException Refuse(string problem) => Node.Wrong(problem);

    public bool Has(int input) => input < _inputs.Length && _inputs[input] is not null;

    /// <summary>An input's description, where a pass does not read its elements.</summary>
    public Value Peek(int input) => _inputs[input]!;

    /// <summary>An input of any type, whose elements a pass reads.</summary>
    /// <param name="input">The input.</param>
    /// <param name="marked">Whether numbers that depend on the examples are allowed, since the caller hands the marks on.</param>
    public Value Data(int input, bool marked = false)
    {
        Value value = Peek(input);
        if (!marked && value.Marks is { } marks && Array.Exists(marks, static m => m != Mark.None))
            throw Refuse(
                $"reads {(marks.Contains(Mark.Counted) ? "the number of examples" : "the examples' indices")} from '{value.Name}', "
                + "so that its result would depend on the batch");
        Reads[input] = true;
        return value;
    }

    /// <summary>A floating-point input, whose elements a pass reads.</summary>
    public Value Floats(int input) => Peek(input).Whole
        ? throw Refuse($"reads whole numbers from '{Peek(input).Name}' where it wants floating-point ones")
        : Data(input);

    /// <summary>Whole numbers known beforehand that do not depend on the examples: axes, pads, steps.</summary>
    public long[] Integers(int input)
    {
        Value value = Sizes(input);
        return value.Marks is { } marks && Array.Exists(marks, static m => m != Mark.None)
            ? throw Refuse($"reads the number of examples from '{value.Name}', so that its result would depend on the batch")
            : value.Numbers!;
    }

    /// <summary>Whole numbers known beforehand; sizes among them may be the number of examples.</summary>
    public Value Sizes(int input)
    {
        Value value = Peek(input);
        if (value.Placement.HasAxis)
            throw Refuse($"reads '{value.Name}' {value}, which each example has its own of, where it wants the same numbers for all");
        return value.Numbers is not null
            ? value
            : throw Refuse(
                $"wants whole numbers that follow from the model and the shapes of its inputs from '{value.Name}', "
                + $"which is computed from {(value.Batched ? "the examples" : "the weights")}");
    }

    /// <summary>One number known beforehand.</summary>
    public float Number(int input, string what)
    {
        Value value = Peek(input);
        if (value.Length != 1) throw Refuse($"has {what} of shape {value}; one number is wanted");
        if (value.Numbers is not null) return Integers(input)[0];
        return value.Constant is { } constant
            ? constant[0]
            : throw Refuse($"computes {what} from the examples or the weights; one constant number is wanted");
    }

    /// <summary>An axis counted from the first, of a value of this rank.</summary>
    public int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw Refuse($"names axis {axis} of a value of {rank} axes");

    /// <summary>The same, refused where it is the examples' axis.</summary>
    public int OwnAxis(long axis, Value value)
    {
        int counted = Axis(axis, value.Rank);
        RefuseExamples(counted, value);
        return counted;
    }

    /// <summary>Refuses to work along an axis that holds the examples.</summary>
    public void RefuseExamples(int axis, Value value)
    {
        if (value.Placement.HasAxis && value.Placement.Axis == axis)
            throw Refuse($"works along axis {axis} of {value}, which would mix the examples");
    }

    /// <summary>The shape and placement of values together, broadcast as in NumPy; refused where examples would meet.</summary>
    public (long[] Shape, Placement Placement) Broadcast(params Value[] values)
    {
        long[] shape = [];
        foreach (Value value in values)
        {
            try
            {
                shape = HostBroadcast.Shape(shape, value.Shape);
            }
            catch (TrakException error)
            {
                throw Refuse(
                    $"combines {string.Join(" and ", values.AsEnumerable())}, which do not broadcast ({error.Message.TrimEnd('.')})");
            }
        }

        return (shape, Together(shape.Length, values));
    }

    /// <summary>Where the examples of values lie when their last axes are laid over each other.</summary>
    /// <param name="rank">Rank of the result.</param>
    /// <param name="values">The values.</param>
    public Placement Together(int rank, params Value[] values)
    {
        Value? placed = values.FirstOrDefault(static v => v.Placement.HasAxis);
        if (placed is null) return Placement.WithoutAxis(values.Any(static v => v.Batched));
        int back = placed.Rank - placed.Placement.Axis;
        foreach (Value other in values)
        {
            long across = back <= other.Rank ? other.Shape[^back] : 1;
            bool apart = other.Placement.HasAxis
                ? other.Rank - other.Placement.Axis == back && other.Placement.Outer == placed.Placement.Outer
                    && across == placed.Shape[^back]
                : across == 1;
            if (!apart)
                throw Refuse(
                    $"combines {string.Join(" and ", values.AsEnumerable())} so that different "
                    + "examples would meet or get different constants");
        }

        return Placement.On(rank - back, placed.Placement.Outer);
    }

    /// <summary>
    /// The shape for one example and the placement of a value made new with these sizes: the examples lie where the sizes
    /// were counted from them.
    /// </summary>
    public (long[] Shape, Placement Placement) Made(Value sizes)
    {
        if (sizes.Rank != 1) throw Refuse($"reads a shape from '{sizes.Name}', which is {sizes}");
        long[] shape = [.. sizes.Numbers!];
        int[] counted = [.. Enumerable.Range(0, shape.Length).Where(i => sizes.MarkOf(i) != Mark.None)];
        if (counted.Length == 0) return (Checked(shape), Placement.Shared);
        int axis = counted[0];
        if (counted.Length > 1 || sizes.MarkOf(axis) != Mark.Counted || shape[axis] % Examples != 0
            || shape[axis] <= 0 || (!StatesExamples && shape[axis] / Examples % Examples == 0))
            throw Refuse($"makes a value whose sizes depend on the number of examples in another way than one axis for them");
        shape[axis] /= Examples;
        return (Checked(shape), Placement.On(axis));
    }

    /// <summary>The shape that the graph sees.</summary>
    public long[] Seen(Value value)
    {
        long[] seen = [.. value.Shape];
        if (value.Placement.HasAxis) seen[value.Placement.Axis] = checked(seen[value.Placement.Axis] * Examples);
        return seen;
    }

    /// <summary>Declares a floating-point output of one example's shape.</summary>
    public Value Float(long[] shape, Placement placement) => Declare(shape, placement, whole: false);

    /// <summary>Declares whole numbers or truth values that a pass computes.</summary>
    public Value WholeOf(long[] shape, Placement placement, Mark[]? marks = null) => Declare(shape, placement, whole: true, marks: marks);

    /// <summary>Declares an output of the same type as an input.</summary>
    public Value Like(Value input, long[] shape, Placement placement, Mark[]? marks = null) =>
        Declare(shape, placement, input.Whole, marks: marks);

    /// <summary>Declares whole numbers known beforehand, of which there is nothing left to compute.</summary>
    public Value Known(long[] numbers, long[] shape, Placement placement, Mark[]? marks = null)
    {
        if (marks is not null && Array.TrueForAll(marks, static m => m == Mark.None)) marks = null;
        return Output = new Value(Slot, Name, Checked(shape), placement, whole: true, separate: false) { Numbers = numbers, Marks = marks };
    }

    /// <summary>Declares the first input's elements under another shape, in the same memory.</summary>
    public Value ViewOf(int input, long[] shape, Placement placement)
    {
        Value x = Peek(input);
        Reads[input] = true;
        return Output = new Value(Slot, Name, Checked(shape), placement, x.Whole, x.Separate)
        {
            Root = x.Root, Numbers = x.Numbers, Marks = x.Marks, Constant = x.Constant, View = x.View?.Reshaped(x.Shape, shape),
        };
    }

    /// <summary>Refuses a table of this many entries, made before any pass, where it would be too large.</summary>
    public void RefuseTable(Int128 entries)
    {
        if (entries > MostEntries) throw Refuse($"needs a table of {entries} entries; {MostEntries} are supported");
    }

    /// <summary>The same for a table with an entry for each element of a shape.</summary>
    public void RefuseTable(IEnumerable<long> shape) =>
        RefuseTable(shape.Aggregate((Int128)1, static (count, size) => Int128.Min(count * size, long.MaxValue)));

    /// <summary>Says that the declared output holds a parameter's elements.</summary>
    public void Holds(ParameterView? view)
    {
        if (view is null) return;
        Value made = Output!;
        Output = new Value(made.Slot, made.Name, made.Shape, made.Placement, made.Whole, made.Separate) { Root = made.Root, View = view };
    }

    /// <summary>Asks for room that the backward step finds again, for each part of the output in memory.</summary>
    public void Save(long elements) => Saved = checked(Saved + elements);

    private string Name => Node.Outputs[OutputIndex];

    private Value Declare(long[] shape, Placement placement, bool whole, Mark[]? marks = null)
    {
        bool separate = Enumerable.Range(0, _inputs.Length).Any(i => Reads[i] && _inputs[i]!.Separate);
        if (marks is not null && Array.TrueForAll(marks, static m => m == Mark.None)) marks = null;
        return Output = new Value(Slot, Name, Checked(shape), placement, whole, separate) { Marks = marks };
    }

    // Refused where no value could have the shape.
    private long[] Checked(long[] shape)
    {
        Int128 count = 1;
        foreach (long size in shape)
        {
            if (size < 0) throw Refuse($"would make a value of the impossible shape {Shapes.Text(shape)}");

            // What lies before or behind an axis without elements is counted as well.
            count = Int128.Min(count * Math.Max(size, 1), long.MaxValue);
        }

        return count <= MostElements
            ? shape
            : throw Refuse($"would make a value of shape {Shapes.Text(shape)} for each example, more than {MostElements} elements");
    }
}
