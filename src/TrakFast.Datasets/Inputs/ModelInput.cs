using TrakFast.Kernels;

namespace TrakFast.Datasets;

/// <summary>What a model reads, as its file declares it.</summary>
/// <param name="Name">The input's name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Shape">Its sizes, the batch first; null where a size is free. Null where the file says nothing.</param>
public sealed record ModelInput(string Name, ElementType Type, IReadOnlyList<long?>? Shape)
{
    /// <summary>One example's sizes; empty where the file says nothing.</summary>
    public IReadOnlyList<long?> Example => Shape is { Count: > 0 } ? [.. Shape.Skip(1)] : [];

    /// <summary>The input as people write it: <c>input_ids int64 [?, 128]</c>.</summary>
    public override string ToString() =>
        $"{Name} {Type.ToString().ToLowerInvariant()} {(Shape is null ? "[…]" : $"[{string.Join(", ", Shape.Select(static s => s?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"))}]")}";
}
