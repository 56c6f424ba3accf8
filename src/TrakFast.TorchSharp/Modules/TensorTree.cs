using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>What modules take and give: a tensor, nothing, a tuple, list or dictionary of such, or anything else as one leaf.</summary>
internal static class TensorTree
{
    /// <summary>The same structure with every tensor replaced.</summary>
    public static object? Map(object? tree, Func<Tensor, Tensor> map) => tree switch
    {
        Tensor tensor => map(tensor),
        ITuple tuple => Activator.CreateInstance(tuple.GetType(), [.. Enumerable.Range(0, tuple.Length).Select(i => Map(tuple[i], map))]),
        Tensor[] array => array.Select(map).ToArray(),
        IEnumerable<Tensor> list => list.Select(map).ToList(),
        IEnumerable<KeyValuePair<string, Tensor>> named => named.ToDictionary(static p => p.Key, p => map(p.Value)),
        _ => tree,
    };

    /// <summary>The tensors, in order.</summary>
    public static IEnumerable<Tensor> Leaves(object? tree) => tree switch
    {
        Tensor tensor => [tensor],
        ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => Leaves(tuple[i])),
        IEnumerable<Tensor> list => list,
        IEnumerable<KeyValuePair<string, Tensor>> named => named.Select(static p => p.Value),
        _ => [],
    };
}
