using System.Numerics;

namespace TrakFast;

/// <summary>Finds numbers that are none.</summary>
internal static class FloatCheck
{
    /// <summary>Position of the first element that is infinite or not a number, or −1.</summary>
    public static long FirstNotFinite(ReadOnlySpan<float> values)
    {
        // x − x is 0 for a finite x and not a number otherwise, so one sum judges them all.
        Vector<float> sum = default;
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> x = new(values[i..]);
            sum += x - x;
        }

        float rest = Vector.Sum(sum);
        for (; i < values.Length; i++) rest += values[i] - values[i];
        if (rest == 0) return -1;
        for (i = 0; float.IsFinite(values[i]); i++)
        {
        }

        return i;
    }
}
