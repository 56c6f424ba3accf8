namespace TrakFast;

/// <summary>Arithmetic and text of array shapes.</summary>
public static class Shapes
{
    /// <summary>Number of elements.</summary>
    /// <exception cref="OverflowException">The product does not fit 64 bits.</exception>
    public static long Count(IEnumerable<long> shape)
    {
        long count = 1;
        foreach (long size in shape) count = checked(count * size);
        return count;
    }

    /// <summary>A shape as people write it: <c>[32, 64]</c>.</summary>
    public static string Text(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
