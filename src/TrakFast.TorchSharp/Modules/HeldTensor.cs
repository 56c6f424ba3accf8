using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>A parameter or buffer while an engine holds its module: frozen, with whatever data the engine puts there.</summary>
internal sealed class HeldTensor : IDisposable
{
    private readonly Tensor? _gradient;

    /// <param name="tensor">The module's own tensor.</param>
    public HeldTensor(Tensor tensor)
    {
        Tensor = tensor;
        Before = tensor.detach().DetachFromDisposeScope();
        Tracked = tensor.requires_grad;
        _gradient = tensor.grad?.DetachFromDisposeScope();
    }

    /// <summary>The module's own tensor.</summary>
    public Tensor Tensor { get; }

    /// <summary>The data that it came with, in the memory that it had.</summary>
    public Tensor Before { get; }

    /// <summary>Whether autograd followed it.</summary>
    public bool Tracked { get; }

    /// <summary>Has autograd leave it alone.</summary>
    public void Freeze()
    {
        if (Tracked) Tensor.requires_grad = false;
        if (_gradient is not null) Tensor.grad = null;
    }

    /// <summary>Gives it back as it came. A tensor whose module is gone is let be.</summary>
    public void Dispose()
    {
        if (!Tensor.IsInvalid)
        {
            Tensor.requires_grad = false;
            TensorData.Put(Tensor, Before);
            if (Tracked) Tensor.requires_grad = true;
            if (_gradient is not null) Tensor.grad = _gradient;
        }

        Before.Dispose();
        _gradient?.Dispose();
    }
}
