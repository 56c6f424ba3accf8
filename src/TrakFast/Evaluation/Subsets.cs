using System.Numerics;
using TrakFast.Kernels;

namespace TrakFast.Evaluation;

/// <summary>S subsets of the n training examples, as bit masks.</summary>
public sealed class Subsets
{
    private readonly ulong[][] _masks;

    /// <summary>Takes over masks; bit i % 64 of word i / 64 says whether example i belongs to the subset.</summary>
    internal Subsets(ulong[][] masks, long universe)
    {
        _masks = masks;
        Universe = universe;
    }

    /// <summary>Number of subsets S.</summary>
    public int Count => _masks.Length;

    /// <summary>Number of training examples n.</summary>
    public long Universe { get; }

    /// <summary>Subsets from truth values.</summary>
    /// <param name="array">Bool [S, n].</param>
    /// <exception cref="TrakException">The array has another type or number of axes.</exception>
    public static Subsets From(DataArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        CheckShape("An array of subsets", array.Type, array.Shape);
        int width = checked((int)array.Shape[1]);
        ulong[][] masks = new ulong[array.Shape[0]][];
        for (int s = 0; s < masks.Length; s++) masks[s] = Pack(array.Bytes.Slice(s * width, width));
        return new Subsets(masks, width);
    }

    /// <summary>Reads subsets.</summary>
    /// <param name="path">An NPY file of bool [S, n].</param>
    /// <exception cref="TrakException">The file cannot be read or holds something else.</exception>
    public static Subsets Read(string path)
    {
        using NpyFile file = NpyFile.Open(path);
        CheckShape(path, file.Type, file.Shape);
        ulong[][] masks = new ulong[checked((int)file.Shape[0])][];
        for (int s = 0; s < masks.Length; s++) masks[s] = Pack(file.ReadRows(s, 1).Bytes);
        return new Subsets(masks, file.Shape[1]);
    }

    /// <summary>Writes the subsets as an NPY file of bool [S, n].</summary>
    /// <param name="path">The file; one already there is replaced.</param>
    /// <exception cref="TrakException">The file cannot be written.</exception>
    public void Write(string path) => AtomicFile.Write(path, stream =>
    {
        stream.Write(new NpyHeader(ElementType.Bool, [Count, Universe]).ToBytes());
        byte[] row = new byte[checked((int)Universe)];
        for (int s = 0; s < Count; s++)
        {
            for (int i = 0; i < row.Length; i++) row[i] = Contains(s, i) ? (byte)1 : (byte)0;
            stream.Write(row);
        }
    });

    /// <summary>Whether a subset holds an example.</summary>
    /// <param name="subset">Subset s.</param>
    /// <param name="example">Training example i.</param>
    public bool Contains(int subset, long example)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(example);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(example, Universe);
        return (_masks[subset][example >> 6] >> (int)(example & 63) & 1) != 0;
    }

    /// <summary>Number of examples in a subset.</summary>
    /// <param name="subset">Subset s.</param>
    public long Size(int subset) => _masks[subset].Sum(static word => (long)BitOperations.PopCount(word));

    /// <summary>The examples of a subset, ascending.</summary>
    /// <param name="subset">Subset s.</param>
    public long[] Members(int subset)
    {
        long[] members = new long[Size(subset)];
        int at = 0;
        ReadOnlySpan<ulong> mask = _masks[subset];
        for (int w = 0; w < mask.Length; w++)
        {
            for (ulong word = mask[w]; word != 0; word &= word - 1)
                members[at++] = ((long)w << 6) + BitOperations.TrailingZeroCount(word);
        }

        return members;
    }

    /// <summary>Writes 1 or 0 for each of some examples.</summary>
    internal void Indicators(int subset, long start, Span<float> destination)
    {
        ReadOnlySpan<ulong> mask = _masks[subset];
        for (int i = 0; i < destination.Length; i++)
            destination[i] = mask[(int)((start + i) >> 6)] >> (int)((start + i) & 63) & 1;
    }

    private static ulong[] Pack(ReadOnlySpan<byte> truths)
    {
        ulong[] mask = new ulong[(truths.Length + 63) / 64];
        for (int i = 0; i < truths.Length; i++)
        {
            if (truths[i] != 0) mask[i >> 6] |= 1UL << (i & 63);
        }

        return mask;
    }

    private static void CheckShape(string name, ElementType type, IReadOnlyList<long> shape)
    {
        if (type != ElementType.Bool || shape.Count != 2)
            throw new TrakException($"{name} holds {type} {Shapes.Text(shape)}, where Bool [S, n] is wanted: a row for each subset.");
    }
}
