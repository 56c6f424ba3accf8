using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>One floating-point array of a state dict: a parameter or a buffer, under all the names that it has.</summary>
/// <param name="names">Its names, in the state dict's order.</param>
/// <param name="tensors">The tensors that hold it; several where layers share its memory and torch does not know.</param>
/// <param name="trained">Whether it has a gradient.</param>
/// <param name="required">Whether a checkpoint must hold it.</param>
internal sealed class StateEntry(IReadOnlyList<string> names, IReadOnlyList<Tensor> tensors, bool trained, bool required) : IDisposable
{
    // Whether the memory is the engine's, so that it may be written to.
    private bool _isOwn;
    private bool _isExactOwn;

    // The values in the type that the module came with, where the model computes in another.
    private Tensor? _exact;

    /// <summary>Its names, in the state dict's order.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>Its first name.</summary>
    public string Name => names[0];

    /// <summary>Its sizes.</summary>
    public IReadOnlyList<long> Shape => tensors[0].shape;

    /// <summary>The tensors that hold it.</summary>
    public IReadOnlyList<Tensor> Tensors => tensors;

    /// <summary>Whether it has a gradient.</summary>
    public bool Trained => trained;

    /// <summary>Whether a checkpoint must hold it.</summary>
    public bool Required => required;

    /// <summary>Its values in the type that the module came with.</summary>
    public Tensor Values => _exact ?? tensors[0];

    /// <summary>Has all its tensors hold a copy in another type or on another device, where they are not so.</summary>
    public void Convert(ScalarType type, Device device)
    {
        Tensor first = tensors[0];
        if (first.dtype == type && TorchDevice.Holds(device, first)) return;
        if (first.dtype != type) _exact = first.detach().DetachFromDisposeScope();
        using Tensor converted = first.to(type, device);
        Put(converted);
    }

    /// <summary>Replaces the values. What the module came with stays as it is, in its own memory.</summary>
    public void Replace(Tensor values)
    {
        if (!_isOwn)
        {
            using Tensor own = empty_like(tensors[0]);
            Put(own);
        }

        if (_exact is not null && !_isExactOwn)
        {
            using Tensor before = _exact;
            _exact = empty_like(before).DetachFromDisposeScope();
            _isExactOwn = true;
        }

        tensors[0].copy_(values);
        _exact?.copy_(values);
    }

    /// <inheritdoc/>
    public void Dispose() => _exact?.Dispose();

    private void Put(Tensor data)
    {
        foreach (Tensor tensor in tensors) TensorData.Put(tensor, data);
        _isOwn = true;
    }
}
