using TorchSharp;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp.Tests;

/// <summary>Compares a model's gradient blocks with a plain backward pass for each example by itself.</summary>
internal static class Truth
{
    /// <summary>f = Σ of all output elements of an example, weighted so that none cancel.</summary>
    public static Tensor Output(IReadOnlyList<Tensor> outputs)
    {
        Tensor? sum = null;
        foreach (Tensor output in outputs)
        {
            Tensor flat = output.reshape(output.shape[0], -1);
            Tensor one = (flat * (arange(flat.shape[1]).to_type(ScalarType.Float32) * 1.7f).sin()).tanh().sum(1L);
            sum = sum is null ? one : sum + one;
        }

        return sum!;
    }

    /// <summary>The gradients [B, p] by plain backward passes, parameter by parameter.</summary>
    public static Dictionary<string, float[]> Gradients(
        nn.Module module, IReadOnlyList<string> names, Batch batch, Func<IReadOnlyDictionary<string, Tensor>, IReadOnlyList<Tensor>> run)
    {
        Dictionary<string, List<float>> gradients = names.ToDictionary(static n => n, static _ => new List<float>());
        for (int b = 0; b < batch.Size; b++)
        {
            using DisposeScope scope = NewDisposeScope();
            Batch one = batch.Rows(b, 1);
            Dictionary<string, global::TorchSharp.Modules.Parameter> parameters =
                module.named_parameters().ToDictionary(static p => p.name, static p => p.parameter);
            Tensor f = Output(run(one.Names.ToDictionary(static n => n, n => TorchMemory.ToTensor(one[n], CPU)))).sum();
            foreach (string name in names) parameters[name].grad = null;
            autograd.backward([f], null!, inputs: [.. parameters.Values.Where(static p => p.requires_grad)]);
            foreach (string name in names)
            {
                Tensor? gradient = parameters[name].grad;
                if (gradient is not null && gradient.is_sparse) gradient = gradient.to_dense();
                gradients[name].AddRange(gradient is null ? new float[parameters[name].numel()] : TorchMemory.ToArray(gradient).ToFloats());
                parameters[name].grad = null;
            }
        }

        return gradients.ToDictionary(static g => g.Key, static g => g.Value.ToArray());
    }

    /// <summary>Asserts that the engine's blocks are the gradients, for a batch and most of it again.</summary>
    public static void Check(
        nn.Module module, Batch batch, string[] inputs, Func<IReadOnlyDictionary<string, Tensor>, IReadOnlyList<Tensor>>? run = null,
        string[]? patterns = null, TorchOptions? options = null, double tolerance = 1e-5) =>
        Check(module, batch.Size > 2 ? [batch, batch.Rows(1, batch.Size - 1)] : [batch], inputs, run, patterns, options, tolerance);

    /// <summary>Asserts that the engine's blocks are the gradients, for one batch after the other.</summary>
    public static void Check(
        nn.Module module, Batch[] batches, string[] inputs, Func<IReadOnlyDictionary<string, Tensor>, IReadOnlyList<Tensor>>? run = null,
        string[]? patterns = null, TorchOptions? options = null, double tolerance = 1e-5)
    {
        ModuleCaller caller = run is null ? ModuleCaller.Of("module", module, inputs) : ModuleCaller.Of("module", run);
        string[] names;
        using (TorchModel model = run is null ? new(module, inputs) : new(module, run, inputs))
            names = [.. ParameterSelection.Matching(model.Parameters, patterns ?? []).Parameters.Select(static p => p.Name)];
        Assert.That(names, Is.Not.Empty);
        Dictionary<string, float[]>[] expected = [.. batches.Select(batch => Gradients(module, names, batch, caller.Run))];
        using TorchModel engine = run is null ? new(module, inputs, options: options) : new(module, run, inputs, options: options);
        ParameterSelection selection = ParameterSelection.Matching(engine.Parameters, patterns ?? []);
        using (Assert.EnterMultipleScope())
        {
            for (int i = 0; i < batches.Length; i++) Compare(batches[i], i);
        }

        void Compare(Batch some, int number)
        {
            DenseSink sink = new(some.Size, selection.Length);
            using ModelResult result = engine.Forward(some, selection);
            using (DisposeScope scope = NewDisposeScope())
                engine.Backward(
                    new TorchVariable(Output([.. result.Names.Select(n => ((TorchVariable)result[n]).Tensor)])), selection, sink);
            foreach (ModelParameter parameter in selection.Parameters)
            {
                double difference = 0, norm = 0;
                for (int b = 0; b < some.Size; b++)
                {
                    for (long i = 0; i < parameter.Length; i++)
                    {
                        double truth = expected[number][parameter.Name][(b * parameter.Length) + i];
                        difference += Math.Pow(sink.Gradients[(b * selection.Length) + selection.Offset(parameter.Name) + i] - truth, 2);
                        norm += truth * truth;
                    }
                }

                Assert.That(
                    Math.Sqrt(difference), Is.LessThanOrEqualTo((tolerance * Math.Sqrt(norm)) + 1e-7),
                    $"{parameter.Name} of norm {Math.Sqrt(norm)}, in batch {number}");
            }
        }
    }

    /// <summary>Some numbers.</summary>
    public static DataArray Numbers(int seed, params long[] shape)
    {
        Random random = new(seed);
        return DataArray.From([.. Enumerable.Range(0, (int)Shapes.Count(shape)).Select(_ => (2 * random.NextSingle()) - 1)], shape);
    }

    /// <summary>Some ids.</summary>
    public static DataArray Ids(int seed, long below, params long[] shape)
    {
        Random random = new(seed);
        return DataArray.From([.. Enumerable.Range(0, (int)Shapes.Count(shape)).Select(_ => random.NextInt64(below))], shape);
    }
}
