namespace TrakFast.TorchSharp;

/// <summary>Sees calls of layers.</summary>
internal interface ICallWatcher
{
    /// <summary>Sees a call, and gives the result to go on with.</summary>
    object? See(Layer layer, object?[] arguments, object? result);
}

/// <summary>The hooks in a model's layers, which stay and do nothing while nobody watches.</summary>
internal sealed class LayerHooks : IDisposable
{
    private readonly List<Action> _remove = [];
    private ICallWatcher? _watcher;

    /// <summary>Hooks a layer.</summary>
    public void Add(Layer layer, ModuleSignature signature) =>
        _remove.Add(signature.Watch((arguments, result) => _watcher is null ? result : _watcher.See(layer, arguments, result)));

    /// <summary>Runs something that is watched, or with null surely is not.</summary>
    public T Watched<T>(ICallWatcher? watcher, Func<T> run)
    {
        ICallWatcher? before = _watcher;
        _watcher = watcher;
        try
        {
            return run();
        }
        finally
        {
            _watcher = before;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Action remove in _remove) remove();
        _remove.Clear();
    }
}
