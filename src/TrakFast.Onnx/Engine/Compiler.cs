using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Turns a graph into a program for inputs of given shapes: walks the nodes once, works out every shape, computes what
/// follows from the graph alone, and refuses what would let examples meet.
/// </summary>
internal sealed unsafe class Compiler
{
    // Stands for the number of examples in sizes: a prime that no model has for a size, so that where it ends up after
    // any arithmetic on shapes is certain.
    private const long AnyNumber = 999_983;

    private readonly OnnxGraph _graph;
    private readonly long _examples;
    private readonly HashSet<string> _read;
    private readonly Sequences _sequences = new();
    private readonly List<Value> _values = [];
    private readonly List<Step> _steps = [];
    private readonly Dictionary<string, Value> _byName = new(StringComparer.Ordinal);

    private Compiler(OnnxGraph graph)
    {
        _graph = graph;
        _read = new HashSet<string>(
            graph.Nodes.SelectMany(static n => n.Inputs).Concat(graph.Outputs.Select(static o => o.Name)), StringComparer.Ordinal);

        // A file that states its number of examples has arithmetic on it folded into constants.
        _examples = ExampleAxes.StatedBatch(graph) ?? AnyNumber;
    }

    /// <summary>Compiles a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="shapes">For each input of the graph one example's shape, without the examples' axis.</param>
    /// <param name="fuse">Whether steps are merged for the managed operators.</param>
    /// <exception cref="TrakException">A node cannot do with the shapes, or would let examples meet.</exception>
    public static Program Compile(OnnxGraph graph, IReadOnlyList<long[]> shapes, bool fuse = true)
    {
        Compiler compiler = new(graph);
        int[] inputs = [.. graph.Inputs.Select((input, i) => compiler.AddInput(input, shapes[i]))];
        int[] initializers = compiler.AddInitializers();
        foreach (GraphNode node in graph.Nodes) compiler.Add(node, fromFile: true);
        int[] outputs = [.. graph.Outputs.Select(o => compiler._byName.TryGetValue(o.Name, out Value? value)
            ? value.Slot
            : throw new TrakException($"{graph.Name}: the output '{o.Name}' is a list; values are supported."))];
        Step[] steps = fuse ? Fusion.Of(compiler._values, compiler._steps, outputs) : [.. compiler._steps];
        return new Program(graph, [.. compiler._values], steps, inputs, initializers, outputs);
    }

    private int AddInput(GraphValue input, long[] shape)
    {
        int axis = ExampleAxes.Of(_graph, input);

        // Where the file says that there is one example, an example has no axis of its own that could be mistaken for another.
        Placement placement = _examples == 1 || ExampleAxes.States(input, axis, 1) ? Placement.Hidden : Placement.On(axis);
        long[] seen = [.. shape[..axis], 1, .. shape[axis..]];
        return Define(new Value(_values.Count, input.Name, seen, placement, !input.Type.IsFloat(), separate: true)).Slot;
    }

    private int[] AddInitializers()
    {
        Dictionary<string, int> order = _graph.Parameters
            .Select(static (p, i) => (p.Name, i))
            .ToDictionary(static p => p.Name, static p => p.i, StringComparer.Ordinal);
        return [.. _graph.Initializers.Select(initializer =>
        {
            long[] shape = [.. initializer.Values.Shape];
            bool whole = !initializer.Values.Type.IsFloat();
            return Define(new Value(_values.Count, initializer.Name, shape, Placement.Shared, whole, separate: false)
            {
                Stored = true,
                Numbers = whole ? initializer.Values.ToLongs() : null,
                Constant = initializer.Constant && !whole ? Pinned(initializer.Values) : null,
                View = order.TryGetValue(initializer.Name, out int parameter) ? ParameterView.Of(parameter, shape) : null,
            }).Slot;
        })];
    }

    private void Add(GraphNode node, bool fromFile = false)
    {
        if (node.OpType == ConstantNodes.OpType)
        {
            DataArray values = ConstantNodes.Value(node);
            bool whole = !values.Type.IsFloat();
            Define(new Value(_values.Count, node.Outputs[0], [.. values.Shape], Placement.Shared, whole, separate: false)
            {
                Numbers = whole ? values.ToLongs() : null,
                Constant = whole ? null : Pinned(values),
            });
            return;
        }

        if (_sequences.Replace(node, _graph.Opset, name => _byName.TryGetValue(name, out Value? value)
            ? value
            : throw node.Wrong($"reads '{name}', a list, where it wants a value")) is { } parts)
        {
            foreach (GraphNode part in parts) Add(part);
            return;
        }

        if (fromFile) node = WithoutUnread(node);
        for (int output = 0; output < Math.Max(node.Outputs.Count, 1); output++)
        {
            if (output > 0 && !node.HasOutput(output)) continue;
            if (output > 0 && !OperatorSet.HasSeveralOutputs(node.OpType)) continue;
            if (!node.HasOutput(output) && OperatorSet.HasSeveralOutputs(node.OpType)) continue;
            Add(node, output);
        }
    }

    // Masks, indices and statistics that nobody reads are not made.
    private GraphNode WithoutUnread(GraphNode node) =>
        node.Outputs.Count < 2 || !node.Outputs.Skip(1).Any(o => o.Length > 0 && !_read.Contains(o))
            ? node
            : new GraphNode(
                node.OpType, node.Name, node.Inputs,
                [.. node.Outputs.Select((o, i) => i == 0 || _read.Contains(o) ? o : "")], node.Attributes);

    private void Add(GraphNode node, int output)
    {
        Value?[] inputs = [.. node.Inputs.Select(i => i.Length == 0 ? null
            : _byName.TryGetValue(i, out Value? value) ? value : throw node.Wrong($"reads '{i}', a list, where it wants a value"))];
        try
        {
            Make(node, output, inputs);
        }
        catch (OverflowException)
        {
            throw node.Wrong(
                $"has sizes or offsets beyond those that can be counted, for inputs {string.Join(" and ", inputs.OfType<Value>())}");
        }
    }

    private void Make(GraphNode node, int output, Value?[] inputs)
    {
        NodeBuilder builder = new(node, _graph.Opset, output, inputs, _values.Count, _examples)
        {
            StatesExamples = _examples is > 1 and not AnyNumber
        };
        if (Lowering.Of(builder) is { } simpler)
        {
            foreach (GraphNode part in simpler) Add(part);
            return;
        }

        Operator made = OperatorSet.Create(builder);
        Value value = Define(builder.Output!);
        if (value.Numbers is not null) return;
        Step step = new(_steps.Count, node, made, [.. inputs.Select(static v => v?.Slot ?? -1)], builder.Reads, value.Slot, builder.Saved);
        for (int i = 0; i < inputs.Length; i++)
        {
            if (builder.Reads[i] && inputs[i]!.Numbers is { } numbers) inputs[i]!.Constant ??= Pinned(numbers);
        }

        // What follows from constants alone is computed now.
        if (value.Constant is not null) return;
        if (!value.Separate && value.Length + builder.Saved <= NodeBuilder.MostEntries
            && inputs.Where((_, i) => builder.Reads[i]).All(static v => v!.Constant is not null))
            Fold(step, value);
        else _steps.Add(step);
    }

    private void Fold(Step step, Value value)
    {
        float[] result = GC.AllocateArray<float>(checked((int)Math.Max(value.Length, 1)), pinned: true);
        float[] saved = GC.AllocateArray<float>(checked((int)Math.Max(step.Saved, 1)), pinned: true);
        nint[] data = new nint[_values.Count];
        foreach (int slot in step.Inputs.Where((s, i) => step.Reads[i])) data[slot] = Address(_values[slot].Constant!);
        data[value.Slot] = Address(result);
        step.Operator.Forward(new ForwardContext([.. _values], data, 1, Workers.Single).Enter(step, Address(saved)));
        _values[value.Slot] = _byName[value.Name] = new Value(
            value.Slot, value.Name, value.Shape, value.Placement, value.Whole, separate: false)
        {
            Constant = result,
            Numbers = value.Whole ? [.. result.Take((int)value.Length).Select(static v => (long)v)] : null,
            Marks = value.Marks,
        };
    }

    private Value Define(Value value)
    {
        _values.Add(value);
        if (!_byName.TryAdd(value.Name, value)) throw new TrakException($"{_graph.Name} gives the name '{value.Name}' to two values.");
        return value;
    }

    private static nint Address(float[] pinned) => (nint)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);

    private static float[] Pinned(DataArray values)
    {
        float[] pinned = GC.AllocateArray<float>(checked((int)Math.Max(values.Length, 1)), pinned: true);
        values.CopyTo(pinned.AsSpan(0, (int)values.Length));
        return pinned;
    }

    private static float[] Pinned(long[] numbers)
    {
        float[] pinned = GC.AllocateArray<float>(Math.Max(numbers.Length, 1), pinned: true);
        for (int i = 0; i < numbers.Length; i++) pinned[i] = numbers[i];
        return pinned;
    }
}
