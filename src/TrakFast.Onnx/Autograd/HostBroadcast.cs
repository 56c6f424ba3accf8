namespace TrakFast.Onnx;

/// <summary>NumPy's broadcasting for small arrays in managed memory.</summary>
internal static class HostBroadcast
{
    /// <summary>The shape two shapes broadcast to.</summary>
    public static long[] Shape(IReadOnlyList<long> a, IReadOnlyList<long> b)
    {
        long[] shape = new long[Math.Max(a.Count, b.Count)];
        for (int i = 1; i <= shape.Length; i++)
        {
            long x = i <= a.Count ? a[^i] : 1, y = i <= b.Count ? b[^i] : 1;
            if (x != y && x != 1 && y != 1)
                throw new TrakException(
                    $"Shapes {Shapes.Text(a)} and {Shapes.Text(b)} do not broadcast; sizes counted from the last axis must be equal or 1.");
            shape[^i] = x == 1 ? y : x;
        }

        return shape;
    }

    /// <summary>For each element of the result, the position of the operand's element it reads.</summary>
    public static int[] Places(IReadOnlyList<long> operand, IReadOnlyList<long> result, HostArrays? arrays = null)
    {
        int[] places = arrays is null ? new int[Shapes.Count(result)] : arrays.Ints(Shapes.Count(result));
        int[] strides = new int[result.Count];
        int stride = 1;
        for (int i = 1; i <= operand.Count; i++)
        {
            strides[^i] = operand[^i] == 1 ? 0 : stride;
            stride *= (int)operand[^i];
        }

        // Counts through the result like an odometer.
        long[] index = new long[result.Count];
        int place = 0;
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = place;
            for (int axis = result.Count - 1; axis >= 0; axis--)
            {
                place += strides[axis];
                if (++index[axis] < result[axis]) break;
                place -= strides[axis] * (int)result[axis];
                index[axis] = 0;
            }
        }

        return places;
    }
}
