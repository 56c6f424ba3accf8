using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>A model's output where a backward pass leaves its gradient.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Place">The tensor in the graph; null for whole numbers.</param>
internal sealed record OutputPlace(string Name, long[] Shape, Tensor? Place);

/// <summary>What one forward pass over a module keeps for its backward pass.</summary>
internal sealed class ModuleRun
{
    private string? _sizes;

    /// <summary>Owns the tensors.</summary>
    public required TorchPass Pass { get; init; }

    /// <summary>The parameters that layers were kept for.</summary>
    public required ParameterSelection Selection { get; init; }

    /// <summary>The model's inputs, which no model has touched.</summary>
    public required IReadOnlyDictionary<string, Tensor> Inputs { get; init; }

    /// <summary>Calls of layers, in order.</summary>
    public IReadOnlyList<LayerCall> Calls { get; set; } = [];

    /// <summary>The model's outputs.</summary>
    public List<OutputPlace> Starts { get; } = [];

    /// <summary>
    /// Parameters taken by running the whole model that autograd followed in this pass, so that it tells whether anything flows to them.
    /// </summary>
    public IReadOnlyList<ModuleParameter> Followed { get; set; } = [];

    /// <summary>Number of examples B.</summary>
    public int Batch => Pass.Batch;

    /// <summary>Sizes of one example's inputs.</summary>
    public string Sizes => _sizes ??= string.Join(' ', Inputs.Select(static i => Shapes.Text(i.Value.shape.Skip(1))));

    /// <summary>A copy of the inputs, which a model may change.</summary>
    public Dictionary<string, Tensor> Copy() => Inputs.ToDictionary(static i => i.Key, static i => i.Value.clone(), StringComparer.Ordinal);

    /// <summary>A copy of one example's inputs, some times over.</summary>
    public Dictionary<string, Tensor> Example(int example, int times) =>
        Inputs.ToDictionary(static i => i.Key, i => i.Value.narrow(0, example, 1).repeat_interleave(times, dim: 0), StringComparer.Ordinal);
}
