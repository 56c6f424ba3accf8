namespace TrakFast;

/// <summary>
/// The named outputs of one forward pass, which a task's two methods share. Disposing it releases what the backward
/// pass would need, and ends its outputs and every variable computed from them: what is to be kept is copied out before.
/// </summary>
public abstract class ModelResult : IDisposable
{
    /// <summary>Names of the outputs, in the model's order.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>The output of that name, [B, …].</summary>
    /// <exception cref="TrakException">The model has no such output.</exception>
    public abstract Variable this[string name] { get; }

    /// <summary>The first output: <c>logits</c> for a classifier.</summary>
    public Variable First => this[Names[0]];

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the pass holds.</summary>
    protected abstract void Dispose(bool disposing);
}
