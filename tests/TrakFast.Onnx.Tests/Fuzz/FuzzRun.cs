using System.Diagnostics;
using TrakFast.Kernels;

namespace TrakFast.Onnx.Tests;

/// <summary>
/// Damaged models one after another: each is read, run and differentiated, or refused with a TrakException. Anything
/// else fails with the two numbers that make the same damage again, and so does one that takes too long or too much memory.
/// </summary>
/// <param name="seed">What the damage depends on, beside a mutation's number.</param>
internal sealed class FuzzRun(int seed)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private const long MostBytes = 1L << 30;
    private const long LargestInput = 100_000;

    private readonly List<(string Name, byte[] Bytes)> _models = [.. Models()];
    private readonly Process _process = Process.GetCurrentProcess();
    private readonly Lock _gate = new();
    private int _current = -1;
    private long _started;
    private long _bytesBefore;

    /// <summary>Number of models that were read.</summary>
    public int Loaded { get; private set; }

    /// <summary>Number of models that ran, backward too.</summary>
    public int Ran { get; private set; }

    /// <summary>The most that one mutation added to the process's private memory, garbage not yet collected included.</summary>
    public long LargestGrowth { get; private set; }

    public void Run(int first, int count)
    {
        Exception? failure = null;
        Thread worker = new(() =>
        {
            try
            {
                for (int i = first; i < first + count; i++)
                {
                    Mutation(i);
                    Watch();
                }
            }
            catch (Exception error)
            {
                failure = error;
            }
        })
        { IsBackground = true };
        long alive = NativeBuffers.Alive;
        worker.Start();
        while (!worker.Join(50)) Watch();
        Assert.That(failure, Is.Null, () => $"{What(_current)}: {failure}");
        Assert.That(NativeBuffers.Alive, Is.EqualTo(alive), "native memory is left");
    }

    private void Watch()
    {
        long bytes = MemoryInUse();
        lock (_gate)
        {
            if (_current < 0) return;
            TimeSpan time = Stopwatch.GetElapsedTime(_started);
            LargestGrowth = Math.Max(LargestGrowth, bytes - _bytesBefore);
            if (time > Longest) Assert.Fail($"{What(_current)} takes longer than {Longest.TotalSeconds} s.");
            if (bytes - _bytesBefore > MostBytes) Assert.Fail($"{What(_current)} took {bytes - _bytesBefore} bytes of memory.");
        }
    }

    private void Mutation(int number)
    {
        lock (_gate)
        {
            _current = number;
            _started = Stopwatch.GetTimestamp();
            _bytesBefore = MemoryInUse();
        }

        Random random = new(unchecked((seed * 1_000_003) + number));
        byte[] bytes = ModelMutator.Mutate(_models[number % _models.Count].Bytes, random);
        try
        {
            using MemoryStream stream = new(bytes);
            OnnxGraph graph = OnnxFile.Read(stream, "damaged.onnx");
            Loaded++;
            if (Use(graph, random)) Ran++;
        }
        catch (TrakException error)
        {
            if (error.Message.Length is 0 or > 20_000)
                throw new InvalidOperationException($"an error of {error.Message.Length} characters", error);
        }
    }

    private static bool Use(OnnxGraph graph, Random random)
    {
        using OnnxModel model = new(graph, new OnnxOptions { Workers = Workers.Single, Poison = true });
        if (Inputs(graph, random) is not { } batch) return false;

        // What is compiled must stay within bounds; what a large network's values take is its own affair.
        Dictionary<string, IReadOnlyList<long>> shapes =
            batch.Names.ToDictionary(static n => n, n => (IReadOnlyList<long>)[.. batch[n].Shape.Skip(1)]);
        if (model.EstimateMemory(batch.Size, shapes).Passes > MostBytes / 4) return false;
        using ModelResult result = model.Forward(batch);
        Variable output = result.First;
        if (output.Shape.Count == 0 || output.Shape[0] != batch.Size || output.Shape.Contains(0)) return false;
        Variable rows = output.Reshape(batch.Size, -1);
        float[] weights = new float[rows.Shape[1]];
        for (int i = 0; i < weights.Length; i++) weights[i] = (2 * random.NextSingle()) - 1;
        model.Backward(
            (rows * rows.Constant(DataArray.From(weights, 1, weights.Length))).Sum(1),
            ParameterSelection.All(model.Parameters), new DiscardingSink());
        return true;
    }

    private static Batch? Inputs(OnnxGraph graph, Random random)
    {
        List<(string, DataArray)> arrays = [];
        foreach (GraphValue input in graph.Inputs)
        {
            long[] shape = [2, .. (input.Shape ?? [null, 3]).Skip(1).Select(static s => s ?? 3)];
            if (shape.Aggregate(1.0, static (a, b) => a * b) is < 1 or > LargestInput) return null;
            long length = Shapes.Count(shape);
            DataArray values = input.Type.IsFloat()
                ? DataArray.From([.. Enumerable.Range(0, (int)length).Select(_ => (2 * random.NextSingle()) - 1)], shape)
                : DataArray.From([.. Enumerable.Range(0, (int)length).Select(_ => (long)random.Next(3))], shape);
            arrays.Add((input.Name, values));
        }

        return arrays.Count == 0 ? null : new Batch([.. arrays]);
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Models()
    {
        foreach (string path in Directory.GetFiles(FixtureFolder.Path, "model.onnx", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal))
            yield return (Path.GetFileName(Path.GetDirectoryName(path)!), File.ReadAllBytes(path));
        OperatorArchives operators = new();
        foreach (string name in operators.Names) yield return (name, operators.Model(name));
        yield return ("functions", Functions());
    }

    private static byte[] Functions()
    {
        ModelFile model = new ModelFile().Input("x", 2).Output("y").Array("fc.weight", [1, 2, 3, 4, 5, 6], 2, 3)
            .Array("fc.bias", [1, 2, 3], 3)
            .Node("a::linear", "x fc.weight fc.bias", "h").Node("a::leaky", "h", "y", ModelFile.Number("slope", 0.1f))
            .Function("a::linear", "x w b", "y", ModelFile.MakeNode("MatMul", "x w", "p"), ModelFile.MakeNode("Add", "p b", "y"))
            .Function("a::leaky", "x", "y", ModelFile.MakeNode("a::inner", "x", "y", ModelFile.Reference("alpha", "slope")))
            .Function("a::inner", "x", "y", ModelFile.MakeNode("LeakyRelu", "x", "y", ModelFile.Reference("alpha", "alpha")));
        using MemoryStream stream = new();
        Google.Protobuf.MessageExtensions.WriteTo(model.Proto, stream);
        return stream.ToArray();
    }

    private string What(int number) =>
        $"Mutation {number} of seed {seed}, a damaged {(number < 0 ? "model" : _models[number % _models.Count].Name)} "
        + $"(set TRAKFAST_FUZZ={seed}:{number}:1 to repeat it)";

    private long MemoryInUse()
    {
        lock (_process)
        {
            _process.Refresh();
            return _process.PrivateMemorySize64;
        }
    }

    private sealed class DiscardingSink : IGradientSink
    {
        public void Accept(GradientBlock block)
        {
        }
    }
}
