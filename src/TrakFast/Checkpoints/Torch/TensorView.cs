namespace TrakFast;

/// <summary>A tensor as torch writes it: a view of a storage, which other tensors may share.</summary>
/// <param name="Storage">The storage's key in the file.</param>
/// <param name="StorageBytes">Bytes of the storage.</param>
/// <param name="Type">Type of the elements.</param>
/// <param name="Offset">Its first element in the storage.</param>
/// <param name="Sizes">Sizes of the axes.</param>
/// <param name="Strides">Elements from one index of each axis to the next.</param>
internal sealed record TensorView(
    string Storage, long StorageBytes, StoredType Type, long Offset, IReadOnlyList<long> Sizes, IReadOnlyList<long> Strides)
{
    private const int MostAxes = 64;

    /// <summary>Number of elements.</summary>
    /// <exception cref="CheckpointException">They are more than can be counted, or a size is negative.</exception>
    public long Count(string what)
    {
        if (Sizes.Count != Strides.Count || Sizes.Count > MostAxes)
            throw new CheckpointException($"{what} has {Sizes.Count} sizes and {Strides.Count} strides; as many, at most {MostAxes}, are read.");
        if (Sizes.Any(static s => s < 0)) throw new CheckpointException($"{what} has the shape {Shapes.Text(Sizes)}.");
        Int128 count = 1;
        foreach (long size in Sizes.Where(static s => s > 0))
        {
            count *= size;
            if (count > long.MaxValue / 8) throw new CheckpointException($"{what} has shape {Shapes.Text(Sizes)}, which no file can hold.");
        }

        return Sizes.Contains(0) ? 0 : (long)count;
    }

    /// <summary>Makes the elements row-major.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="isBigEndian">Whether the storage's elements are.</param>
    /// <param name="allowance">What reading may take of memory.</param>
    /// <param name="what">What errors call the tensor, with the file.</param>
    /// <exception cref="CheckpointException">It reaches out of its storage.</exception>
    public DataArray ToArray(byte[] storage, bool isBigEndian, MemoryAllowance allowance, string what)
    {
        long count = Count(what);
        Int128 last = Offset;
        for (int axis = 0; count > 0 && axis < Sizes.Count; axis++) last += (Int128)(Sizes[axis] - 1) * Strides[axis];
        if (Offset < 0 || Strides.Any(static s => s < 0) || (count > 0 && last >= storage.Length / Type.Size))
            throw new CheckpointException(
                $"{what} {Shapes.Text(Sizes)} with strides {Shapes.Text(Strides)} from element {Offset} on "
                + $"reaches out of its storage of {storage.Length / Type.Size} elements.");
        bool isWhole = IsContiguous() && !isBigEndian;
        if (!isWhole || Type.Convert is not null) allowance.Take(count * Math.Max(Type.Size, 4), $"tensor '{what}'");
        ReadOnlyMemory<byte> bytes = count == 0 ? ReadOnlyMemory<byte>.Empty
            : isWhole ? storage.AsMemory((int)(Offset * Type.Size), (int)(count * Type.Size))
            : Copy(storage, (int)count, isBigEndian);
        if (Type.Type == Kernels.ElementType.Bool) TruthValues.Check(bytes.Span, what);
        return Type.ToArray(Sizes, bytes);
    }

    private bool IsContiguous()
    {
        long stride = 1;
        for (int axis = Sizes.Count - 1; axis >= 0; axis--)
        {
            if (Sizes[axis] != 1 && Strides[axis] != stride) return false;
            stride *= Math.Max(1, Sizes[axis]);
        }

        return true;
    }

    private byte[] Copy(ReadOnlySpan<byte> storage, int count, bool isBigEndian)
    {
        int size = Type.Size;
        byte[] bytes = new byte[count * size];
        long[] index = new long[Sizes.Count];
        long from = Offset;
        for (int to = 0; to < bytes.Length; to += size)
        {
            Span<byte> element = bytes.AsSpan(to, size);
            storage.Slice((int)(from * size), size).CopyTo(element);
            if (isBigEndian) element.Reverse();
            for (int axis = index.Length - 1; axis >= 0; axis--)
            {
                from += Strides[axis];
                if (++index[axis] < Sizes[axis]) break;
                from -= Strides[axis] * Sizes[axis];
                index[axis] = 0;
            }
        }

        return bytes;
    }
}
