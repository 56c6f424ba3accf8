using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>Has autograd follow some parameters for a while, for gradients by plain backward passes.</summary>
internal sealed class Tracking : IDisposable
{
    private readonly IReadOnlyList<ModuleParameter> _parameters;
    private readonly bool[] _before;
    private readonly IDisposable _mode = enable_grad();

    public Tracking(IReadOnlyList<ModuleParameter> parameters)
    {
        _parameters = parameters;
        _before = [.. Tensors.Select(static t => t.requires_grad)];
        foreach (Tensor tensor in Tensors) tensor.requires_grad = true;
    }

    private IEnumerable<Tensor> Tensors => _parameters.SelectMany(static p => p.Tensors);

    /// <summary>The gradients of the parameters, flat and float32; null where nothing flows to one.</summary>
    /// <param name="outputs">What was computed.</param>
    /// <param name="deltas">The gradient of each; null where there is none.</param>
    public Tensor?[] Gradients(IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor?> deltas)
    {
        List<Tensor> roots = [], starts = [];
        for (int i = 0; i < deltas.Count; i++)
        {
            if (deltas[i] is not { } delta || !outputs[i].requires_grad) continue;
            if (delta.numel() != outputs[i].numel())
                throw new TrakException(
                    $"One example gives {Shapes.Text(outputs[i].shape)} by itself and {Shapes.Text(delta.shape)} in a batch; "
                    + "the model must give each example the same, whatever the batch.");
            roots.Add(outputs[i]);
            starts.Add(delta.reshape(outputs[i].shape).to_type(outputs[i].dtype));
        }

        if (roots.Count == 0) return new Tensor?[_parameters.Count];
        TorchErrors.Backpropagate(roots, starts, [.. Tensors]);
        return [.. _parameters.Select(Take)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        int next = 0;
        foreach (Tensor tensor in Tensors) tensor.requires_grad = _before[next++];
        _mode.Dispose();
    }

    private static Tensor? Take(ModuleParameter parameter)
    {
        Tensor? sum = null;
        foreach (Tensor tensor in parameter.Tensors)
        {
            if (tensor.grad is not { } gradient) continue;
            tensor.grad = null;
            if (gradient.is_sparse) gradient = gradient.to_dense();
            Tensor flat = TorchMemory.Packed(gradient).flatten();
            sum = sum is null ? flat : sum + flat;
        }

        return sum;
    }
}
