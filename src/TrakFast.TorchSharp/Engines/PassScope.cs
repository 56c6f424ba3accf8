using TorchSharp;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp.Engines;

/// <summary>
/// Owns the tensors of a pass: those attached to it, and every other that is made on its thread while it is the innermost.
/// Passes of a thread may end in any order: what a task made of an outer pass while this one was the innermost goes to that
/// pass, since it may still be wanted.
/// </summary>
public sealed class PassScope : IDisposable
{
    // TorchSharp's scopes are a stack of the thread; so are these.
    [ThreadStatic]
    private static PassScope? Innermost;

    private readonly List<Tensor> _kept = [];
    private readonly DisposeScope _scope;
    private PassScope? _outer;
    private bool _disposed;

    /// <summary>Begins a scope, the innermost of its thread from now on.</summary>
    public PassScope()
    {
        _outer = Alive(Innermost);
        Innermost = this;
        _scope = NewDisposeScope();
    }

    /// <summary>Takes a tensor over from whatever scope it belongs to.</summary>
    public Tensor Attach(Tensor tensor)
    {
        _kept.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (Tensor tensor in _kept) tensor.Dispose();
        _kept.Clear();
        _outer = Alive(_outer);
        if (Innermost == this) Innermost = _outer;
        if (_outer is not null) _scope.MoveToOther(_outer._scope, _scope.DisposablesView);
        _scope.Dispose();
    }

    // The nearest that has not ended.
    private static PassScope? Alive(PassScope? scope)
    {
        while (scope is { _disposed: true }) scope = scope._outer;
        return scope;
    }
}
