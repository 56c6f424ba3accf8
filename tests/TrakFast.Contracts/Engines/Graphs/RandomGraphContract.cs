using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Testing;

/// <summary>
/// Random graphs that move, merge and combine examples, with as many examples as other axes are long: a graph is refused,
/// or does what NumPy does with the whole batch, and keeps every example's gradients as they are without the others.
/// </summary>
public abstract class RandomGraphContract : GraphContract
{
    private const int Examples = 3;
    private const int Attempts = 30;
    private const int Trials = 150;

    /// <param name="stated">The number of examples that the graph states, or 0.</param>
    /// <param name="seed">What the graphs depend on.</param>
    [Test]
    public void IsRefusedOrDoesWhatNumPyDoes([Values(0, 1, Examples)] int stated, [Values(1, 2)] int seed)
    {
        Random random = new(seed);
        int done = 0, refused = 0, gradients = 0;
        for (int trial = 0; trial < Trials; trial++)
        {
            Grown grown = new(this, random, stated, trial);
            for (int i = 0; i < Attempts; i++) grown.Grow(ref refused);
            foreach (string output in grown.Computed)
            {
                if (!grown.Check(output, ref gradients)) continue;
                done++;
            }
        }

        TestContext.Out.WriteLine($"{done} outputs, {gradients} of them with gradients; {refused} nodes were refused.");
        Assert.That(done, Is.GreaterThan(Trials));
        Assert.That(gradients, Is.GreaterThan(Trials / 5));
        if (stated != 1) Assert.That(refused, Is.GreaterThan(Trials));
    }

    private sealed class Grown
    {
        private static readonly long[] Sizes = [1, 2, 3, 6];
        private readonly RandomGraphContract _contract;
        private readonly Random _random;
        private readonly int _trial;
        private readonly bool _alone;
        private readonly List<GraphValue> _inputs = [];
        private readonly List<GraphNode> _nodes = [];
        private readonly List<Initializer> _initializers = [];
        private readonly List<string> _names = [];
        private readonly Batch _batch;

        // For each value what it is for the whole batch or, where the graph states one example, for each example.
        private readonly Dictionary<string, PlainArray[]> _values = [];

        public Grown(RandomGraphContract contract, Random random, int stated, int trial)
        {
            (_contract, _random, _trial, _alone) = (contract, random, trial, stated == 1);
            List<(string, DataArray)> arrays = [];
            foreach (long[] example in new long[][] { [2, 3], [3], [Pick(Sizes), Pick(Sizes), Pick(Sizes)] })
            {
                string name = $"x{_inputs.Count}";
                _inputs.Add(new GraphValue(name, ElementType.Float32, [stated == 0 ? null : stated, .. example]));
                DataArray array = Numbers([Examples, .. example]);
                arrays.Add((name, array));
                Add(name, [.. Enumerable.Range(0, _alone ? Examples : 1).Select(b => PlainArray.From(_alone ? array.Rows(b, 1) : array))]);
            }

            _batch = new Batch([.. arrays]);
            foreach (long[] shape in new long[][] { [3, 3], [3], [1, 2, 3], [Pick(Sizes), Pick(Sizes)] })
            {
                string name = $"w{_initializers.Count}";
                DataArray array = Numbers(shape);
                _initializers.Add(new Initializer(name, array));
                Add(name, [.. Enumerable.Repeat(PlainArray.From(array), _alone ? Examples : 1)]);
            }
        }

        public IEnumerable<string> Computed => _names.Skip(_inputs.Count + 4);

        /// <summary>Adds a node that NumPy and the engine can do.</summary>
        public void Grow(ref int refused)
        {
            string x = _random.Next(8) == 0 ? _names[_random.Next(_names.Count)] : Carrying(),
                y = _random.Next(2) == 0 ? Carrying() : _names[_random.Next(_names.Count)];
            PlainArray first = _values[x][0];
            int rank = first.Shape.Length, axis = rank == 0 ? 0 : _random.Next(rank);
            long[] shape = Shape(first);
            int[] permutation = [.. Enumerable.Range(0, rank)];
            _random.Shuffle(permutation);
            if (rank == 0 || rank > 5) return;
            long size = first.Shape[axis], start = _random.Next((int)size + 1), end = _random.Next((int)start, (int)size + 1);
            if (start == end || first.Values.Length > 2000) return;
            bool keep = _random.Next(2) == 0;
            (GraphNode Node, Func<PlainArray, PlainArray, PlainArray?> Reference) made = _random.Next(9) switch
            {
                0 or 1 => (Node("Reshape", [x, Integers(shape)]), (a, _) => a.Reshape(shape)),
                2 or 3 =>
                    (Node("Transpose", [x], "perm", [.. permutation.Select(static p => (long)p)]), (a, _) => a.Transpose(permutation)),
                4 => (Node("Slice", [x, Integers([start]), Integers([end]), Integers([axis])]), (a, _) => a.Slice(axis, start, end)),
                5 => (Node("MatMul", [x, y]), static (a, b) => a.MatMul(b)),
                6 => (Node("Concat", [x, y], "axis", axis), (a, b) => a.Concat(b, axis)),
                7 => (Node("ReduceSum", [x, Integers([axis])], "keepdims", keep ? 1L : 0), (a, _) => a.Sum(axis, keep)),
                _ => keep
                    ? (Node("Add", [x, y]), static (a, b) => a.Combine(b, static (v, w) => v + w))
                    : (Node("Mul", [x, y]), static (a, b) => a.Combine(b, static (v, w) => v * w)),
            };
            PlainArray?[] values = [.. _values[x].Zip(_values[y], made.Reference)];
            if (Array.Exists(values, static v => v is null)) return;
            _nodes.Add(made.Node);
            try
            {
                OnnxGraph graph = Graph(made.Node.Outputs[0]);
                new ProgramCache(graph).For([.. graph.Inputs.Select(static i => i.Shape!.Skip(1).Select(static s => s!.Value).ToArray())]);
                Add(made.Node.Outputs[0], values!);
            }
            catch (TrakException)
            {
                _nodes.RemoveAt(_nodes.Count - 1);
                refused++;
            }
        }

        /// <summary>Reads a value; false where its examples lie so that nobody can.</summary>
        public bool Check(string output, ref int gradients)
        {
            float[] actual;
            long[] shape;
            try
            {
                using IModel model = _contract.Open(Graph(output));
                using ModelResult result = model.Forward(_batch);
                actual = result.First.ToArray();
                shape = [.. result.First.Shape];
            }
            catch (TrakException)
            {
                return false;
            }

            bool shared = _alone && actual.Length == _values[output][0].Values.Length;
            float[] expected = [.. shared ? _values[output][0].Values : _values[output].SelectMany(static v => v.Values)];
            if (!_alone) Assert.That(shape, Is.EqualTo(_values[output][0].Shape), () => Text(output));
            Assert.That(actual, Is.EqualTo(expected).Within(1e-4f).Percent.Or.EqualTo(expected).Within(1e-4f), () => Text(output));
            if (shared || shape.Length == 0 || shape[0] != Examples || shape.Contains(0)) return true;
            OnnxGraph graph = Graph(output);
            if (graph.Parameters.Count == 0) return true;
            float[] together;
            try
            {
                (_, together) = _contract.Both(graph, _batch, 1);
            }
            catch (TrakException error) when (error.Message.Contains("the same for all examples", StringComparison.Ordinal))
            {
                return true;
            }

            for (int b = 0; b < Examples; b++)
            {
                (_, float[] alone) = _contract.Both(graph, _batch.Rows(b, 1), 1);
                _contract.Same(alone, together.AsSpan(b * alone.Length, alone.Length), $"gradient of example {b}: {Text(output)}");
            }

            gradients++;
            return true;
        }

        private OnnxGraph Graph(string output) =>
            new("random.onnx", 17, _inputs, [new GraphValue(output, ElementType.Float32, null)], _nodes, _initializers);

        private void Add(string name, PlainArray[] values)
        {
            _names.Add(name);
            _values.Add(name, values);
        }

        // The same number of elements in other sizes, one of which is left free more often than not.
        private long[] Shape(PlainArray value)
        {
            List<long> shape = [];
            long rest = value.Values.Length;
            while (shape.Count < 4 && (rest > 1 || _random.Next(3) == 0))
            {
                long[] divisors = [.. Enumerable.Range(1, (int)Math.Min(rest, 12)).Select(static d => (long)d).Where(d => rest % d == 0)];
                shape.Add(divisors[_random.Next(divisors.Length)]);
                rest /= shape[^1];
            }

            if (rest > 1) shape.Add(rest);
            if (shape.Count > 0 && _random.Next(4) > 0) shape[_random.Next(shape.Count)] = -1;
            return [.. shape];
        }

        private string Integers(long[] values)
        {
            _initializers.Add(new Initializer($"i{_initializers.Count}", DataArray.From(values, values.Length)));
            return _initializers[^1].Name;
        }

        private GraphNode Node(string type, string[] inputs, string? attribute = null, params long[] values) => new(
            type,
            $"{type}{_initializers.Count}-{_nodes.Count}",
            inputs,
            [$"{type}{_initializers.Count}-{_nodes.Count}-{_names.Count}"],
            attribute is null
                ? []
                : [KeyValuePair.Create<string, AttributeValue>(
                    attribute, attribute == "perm" ? new IntegersAttribute(values) : new IntegerAttribute(values[0]))]);

        private DataArray Numbers(long[] shape) =>
            DataArray.From([.. Enumerable.Range(0, (int)Shapes.Count(shape)).Select(_ => (2 * _random.NextSingle()) - 1)], shape);

        // A value that the examples reach: an input, or one of those made last.
        private string Carrying() =>
            _random.Next(3) == 0 ? _names[_random.Next(_inputs.Count)] : _names[_random.Next(Math.Max(_names.Count - 4, 0), _names.Count)];

        private long Pick(long[] sizes) => sizes[_random.Next(sizes.Length)];

        private string Text(string output) => $"graph {_trial}, {output}:\n" + string.Join("\n", _nodes.Select(n =>
            $"{n.Outputs[0]} = {n.OpType}({string.Join(", ", n.Inputs.Select(i => _initializers.FirstOrDefault(p => p.Name == i) is { } p ? $"{i}={(p.Values.Type.IsFloat() ? "" : Shapes.Text(p.Values.ToLongs()))}{Shapes.Text(p.Values.Shape)}" : i))}) {string.Join(" ", n.Attributes.Select(static a => $"{a.Key}={(a.Value is IntegersAttribute l ? Shapes.Text(l.Values) : a.Value)}"))} -> {Shapes.Text(_values.TryGetValue(n.Outputs[0], out PlainArray[]? v) ? v[0].Shape : [])}"));
    }
}
