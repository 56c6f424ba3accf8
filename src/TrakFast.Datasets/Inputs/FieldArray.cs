using TrakFast.Kernels;

namespace TrakFast.Datasets;

/// <summary>An array that a field makes of rows.</summary>
/// <param name="Name">Its name in a batch.</param>
/// <param name="Type">Its type.</param>
/// <param name="Shape">One example's shape.</param>
public sealed record FieldArray(string Name, ElementType Type, IReadOnlyList<long> Shape)
{
    /// <summary>Bytes of one example.</summary>
    internal int Bytes { get; } = checked((int)(Shape.Aggregate(1L, static (a, b) => a * b) * Type.Size()));

    /// <summary>The array as people write it: <c>pixel_values float32 [3, 32, 32]</c>.</summary>
    public override string ToString() => $"{Name} {Type.ToString().ToLowerInvariant()} [{string.Join(", ", Shape)}]";
}
