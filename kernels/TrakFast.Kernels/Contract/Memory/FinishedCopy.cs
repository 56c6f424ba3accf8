namespace TrakFast.Kernels;

/// <summary>A copy that was made at once.</summary>
public sealed class FinishedCopy : IPendingCopy
{
    /// <summary>Any such copy.</summary>
    public static FinishedCopy Instance { get; } = new();

    /// <inheritdoc/>
    public bool IsComplete => true;

    /// <inheritdoc/>
    public void Complete()
    {
        // It is.
    }
}
