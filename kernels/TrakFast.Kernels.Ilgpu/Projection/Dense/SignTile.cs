using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// sums[b, j] += Σ_c g[b, c]·P[c, j] for signs on tensor cores, for tiles of 32 rows × 512 columns: eight warps of 32 × 64.
///
/// A gradient of 24 bits is the exact sum of three bfloat16 of 8 bits, and ±1 is a bfloat16, so products are exact and sums are
/// float32 sums: three instructions do what one would with 8 bits. (Two tf32 numbers of 11 bits would be one bit short, take
/// four instructions' time and twice the registers.)
///
/// 64 coordinates at a time, each thread makes one call of Philox, the signs of a coordinate and 128 columns, and 8 gradients, which it
/// splits and stores in the order in which lanes load them: 16 bytes at once. Signs of two neighbouring coordinates are laid
/// side by side, 16 columns a word, so that a shift and a logical operation make a word of the right matrix. While
/// tensor cores work on one chunk the next is made in the other half of shared memory: one barrier a chunk.
///
/// A chunk of a tile is 3·2·32·512·64 = 6.3 million operations on tensor cores, for which it reads 8 KB of gradients, makes 256 Philox calls
/// of about 60 instructions, 64 KB of right matrices in registers with two instructions a word, and adds 32 K short
/// sums to the long ones. <see cref="ExactTile{TEntries}"/> does a million FMAs instead, and reads 4 bytes of shared memory for two of them.
/// </summary>
internal struct SignTile : IProjectionTile
{
    // Words of a half: gradients of 4 steps of 2 × 3 fragments of 128 words, each step 16 words on so that stores meet different
    // banks; signs of 32 pairs of coordinates, each 36 words for 512 columns.
    private const int StepWords = (2 * 3 * 128) + 16, GradientWords = 4 * StepWords, PairWords = 36, SignWords = 32 * PairWords;

    /// <inheritdoc/>
    public static void Run<TSource>(TSource source, ProjectionTarget target)
        where TSource : struct, IGradientSource
    {
        ArrayView<uint> gradients = SharedMemory.Allocate<uint>(2 * GradientWords), signs = SharedMemory.Allocate<uint>(2 * SignWords);
        int warp = Group.IdxX >> 5, lane = Group.IdxX & 31, even = 15 - (lane >> 2), odd = 7 - (lane >> 2), half = 0;
        long row = (long)Grid.IdxZ * 32, column = ((long)Grid.IdxX * 512) + (64 * warp), first = target.First, end = target.End;
        Float4 s00 = default, s01 = default, s02 = default, s03 = default, s04 = default, s05 = default, s06 = default, s07 = default;
        Float4 s10 = default, s11 = default, s12 = default, s13 = default, s14 = default, s15 = default, s16 = default, s17 = default;
        MakeSigns(source, target, first, signs);
        MakeGradients(source, target, row, first, end, gradients);
        Group.Barrier();
        for (; first < end; first += 64)
        {
            if (first + 64 < end)
            {
                MakeSigns(source, target, first + 64, signs.SubView((half ^ 1) * SignWords, SignWords));
                MakeGradients(source, target, row, first + 64, end, gradients.SubView((half ^ 1) * GradientWords, GradientWords));
            }

            for (int step = 0; column < target.Columns && step < 4; step++)
            {
                long at = (((half * GradientWords) + (step * StepWords)) >> 2) + lane;
                SplitFragment a0 = Load(gradients, at), a1 = Load(gradients, at + 96);
                long pair = ((half * SignWords) + (((step * 8) + (lane & 3)) * PairWords) + (4 * warp)) >> 2;
                Words4 near = signs.Cast<Words4>()[pair], far = signs.Cast<Words4>()[pair + PairWords];
                uint b0, b1;
                b0 = Signs(near.X, even);
                b1 = Signs(far.X, even);
                s00 = s00.Plus(TensorCore.Multiply(a0, b0, b1));
                s10 = s10.Plus(TensorCore.Multiply(a1, b0, b1));
                b0 = Signs(near.X, odd);
                b1 = Signs(far.X, odd);
                s01 = s01.Plus(TensorCore.Multiply(a0, b0, b1));
                s11 = s11.Plus(TensorCore.Multiply(a1, b0, b1));
                b0 = Signs(near.Y, even);
                b1 = Signs(far.Y, even);
                s02 = s02.Plus(TensorCore.Multiply(a0, b0, b1));
                s12 = s12.Plus(TensorCore.Multiply(a1, b0, b1));
                b0 = Signs(near.Y, odd);
                b1 = Signs(far.Y, odd);
                s03 = s03.Plus(TensorCore.Multiply(a0, b0, b1));
                s13 = s13.Plus(TensorCore.Multiply(a1, b0, b1));
                b0 = Signs(near.Z, even);
                b1 = Signs(far.Z, even);
                s04 = s04.Plus(TensorCore.Multiply(a0, b0, b1));
                s14 = s14.Plus(TensorCore.Multiply(a1, b0, b1));
                b0 = Signs(near.Z, odd);
                b1 = Signs(far.Z, odd);
                s05 = s05.Plus(TensorCore.Multiply(a0, b0, b1));
                s15 = s15.Plus(TensorCore.Multiply(a1, b0, b1));
                b0 = Signs(near.W, even);
                b1 = Signs(far.W, even);
                s06 = s06.Plus(TensorCore.Multiply(a0, b0, b1));
                s16 = s16.Plus(TensorCore.Multiply(a1, b0, b1));
                b0 = Signs(near.W, odd);
                b1 = Signs(far.W, odd);
                s07 = s07.Plus(TensorCore.Multiply(a0, b0, b1));
                s17 = s17.Plus(TensorCore.Multiply(a1, b0, b1));
            }

            Group.Barrier();
            half ^= 1;
        }

        row += lane >> 2;
        column += 2 * (lane & 3);
        Write(target, row, column, s00);
        Write(target, row, column + 8, s01);
        Write(target, row, column + 16, s02);
        Write(target, row, column + 24, s03);
        Write(target, row, column + 32, s04);
        Write(target, row, column + 40, s05);
        Write(target, row, column + 48, s06);
        Write(target, row, column + 56, s07);
        Write(target, row + 16, column, s10);
        Write(target, row + 16, column + 8, s11);
        Write(target, row + 16, column + 16, s12);
        Write(target, row + 16, column + 24, s13);
        Write(target, row + 16, column + 32, s14);
        Write(target, row + 16, column + 40, s15);
        Write(target, row + 16, column + 48, s16);
        Write(target, row + 16, column + 56, s17);
    }

    /// <summary>
    /// The signs of 64 coordinates and 512 columns: word 8·block + 2·w + h of a pair of coordinates holds columns 128·block + 32·w + 16·h and
    /// on, of the first coordinate in the low half and of the second in the high half.
    /// </summary>
    private static void MakeSigns<TSource>(TSource source, ProjectionTarget target, long first, ArrayView<uint> signs)
        where TSource : struct, IGradientSource
    {
        int element = Group.IdxX & 63, block = Group.IdxX >> 6;
        long columnBlock = ((long)Grid.IdxX * 4) + block;
        if (columnBlock * 128 >= target.Columns) return;
        PhiloxWords words = DevicePhilox.Words(source.Coordinate(source.Place(first + element)), (uint)columnBlock, target.Stream, target.Seed, target.ModelId);
        long at = ((element >> 1) * PairWords) + (8 * block) + (element & 1);
        signs[at] = Paired(words.X, element);
        signs[at + 2] = Paired(words.Y, element);
        signs[at + 4] = Paired(words.Z, element);
        signs[at + 6] = Paired(words.W, element);
    }

    /// <summary>The low halves of a pair's words for its first coordinate, the high halves for its second.</summary>
    private static uint Paired(uint own, int element)
    {
        uint other = Warp.ShuffleXor(own, 1);
        return (element & 1) == 0 ? (own & 0xFFFFu) | (other << 16) : (other >> 16) | (own & 0xFFFF0000u);
    }

    /// <summary>
    /// The gradients of 32 rows and 64 coordinates, as fragments. A thread makes two neighbouring coordinates of rows warp, warp + 8, warp + 16 and
    /// warp + 24: its words are neighbours in the fragments, two by two.
    /// </summary>
    private static void MakeGradients<TSource>(TSource source, ProjectionTarget target, long row, long first, long end, ArrayView<uint> gradients)
        where TSource : struct, IGradientSource
    {
        int warp = Group.IdxX >> 5, pair = Group.IdxX & 31;
        row += warp;
        first += 2 * pair;
        long place0 = source.Place(first), place1 = source.Place(first + 1);
        long at = (((pair >> 3) * StepWords) + (((warp * 4) + (pair & 3)) * 4) + ((pair >> 1) & 2)) >> 1;
        for (int fragment = 0; fragment < 2; fragment++, at += 192, row += 16)
        {
            float near0 = 0, near1 = 0, far0 = 0, far1 = 0;
            if (row < target.Rows)
            {
                if (first < end) near0 = source.Value(row, place0);
                if (first + 1 < end) near1 = source.Value(row, place1);
            }

            if (row + 8 < target.Rows)
            {
                if (first < end) far0 = source.Value(row + 8, place0);
                if (first + 1 < end) far1 = source.Value(row + 8, place1);
            }

            for (int part = 0; part < 3; part++)
            {
                Words2 words;
                words.X = High(near0, near1);
                words.Y = High(far0, far1);
                gradients.Cast<Words2>()[at + (part * 64)] = words;
                near0 = Rest(near0);
                near1 = Rest(near1);
                far0 = Rest(far0);
                far1 = Rest(far1);
            }
        }
    }

    /// <summary>The upper halves of two numbers, the second's above the first's.</summary>
    private static uint High(float low, float high) => (Interop.FloatAsInt(low) >> 16) | (Interop.FloatAsInt(high) & 0xFFFF0000u);

    /// <summary>What the upper half leaves, exactly.</summary>
    private static float Rest(float value) => value - Interop.IntAsFloat(Interop.FloatAsInt(value) & 0xFFFF0000u);

    private static SplitFragment Load(ArrayView<uint> gradients, long at)
    {
        SplitFragment fragment;
        fragment.High = gradients.Cast<Words4>()[at];
        fragment.Middle = gradients.Cast<Words4>()[at + 32];
        fragment.Low = gradients.Cast<Words4>()[at + 64];
        return fragment;
    }

    /// <summary>Two signs as bfloat16 ±1: bits 15 and 31 once shifted.</summary>
    private static uint Signs(uint word, int shift) => ((word << shift) & 0x80008000u) | 0x3F803F80u;

    private static void Write(ProjectionTarget target, long row, long column, Float4 sums)
    {
        target.Write(row, column, sums.X);
        target.Write(row, column + 1, sums.Y);
        target.Write(row + 8, column, sums.Z);
        target.Write(row + 8, column + 1, sums.W);
    }
}
