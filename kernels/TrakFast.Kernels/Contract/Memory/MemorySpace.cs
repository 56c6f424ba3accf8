namespace TrakFast.Kernels;

/// <summary>Where memory lies: the host, or a device by its ordinal.</summary>
/// <param name="Kind">Host or CUDA.</param>
/// <param name="Ordinal">The device's number; 0 on the host.</param>
public readonly record struct MemorySpace(MemoryKind Kind, int Ordinal = 0)
{
    /// <summary>The memory every managed program sees.</summary>
    public static MemorySpace Host => new(MemoryKind.Host);

    /// <inheritdoc/>
    public override string ToString() => Kind == MemoryKind.Host ? "host" : $"cuda:{Ordinal}";
}

/// <summary>The kinds of memory a gradient block can lie in.</summary>
public enum MemoryKind
{
    /// <summary>Ordinary memory.</summary>
    Host,

    /// <summary>Memory of a CUDA device, in its primary context.</summary>
    Cuda,
}
