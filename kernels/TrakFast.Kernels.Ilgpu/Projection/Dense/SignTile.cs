using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// sums[b, j] += Σ_c g[b, c]·P[c, j] for signs on tensor cores, for tiles of 32 rows × 512 columns: eight warps of 32 × 64.
///
/// A gradient of 24 bits is the exact sum of three bfloat16 of 8 bits, and ±1 is a bfloat16, so products are exact and sums are
/// float32 sums: three instructions do what one would with 8 bits. (Two tf32 numbers of 11 bits would be one bit short, take
/// four instructions' time and a third more registers.)
///
/// 64 coordinates at a time, each thread makes one call of Philox, the signs of a coordinate and 128 columns, and 8 gradients, which it
/// splits and stores in the order in which lanes load them: 16 bytes at once. Signs of two neighboring coordinates are laid
/// side by side, 16 columns a word, so that a shift and a logical operation make a word of the right matrix. While
/// tensor cores work on one chunk the next is made in the other half of shared memory: one barrier a chunk.
///
/// A chunk of a tile is 3·2·32·512·64 = 6.3 million operations on tensor cores, for which it reads 8 KB of gradients,
/// makes 256 Philox calls of about 60 instructions, 64 KB of right matrices in registers with two instructions a word, and adds 32 K short
/// sums to the long ones. <see cref="ExactTile{TEntries}"/> does a million FMAs instead,
/// and reads 4 bytes of shared memory for two of them.
/// </summary>
internal struct SignTile : IProjectionTile
{
    // Words of a half: gradients of 4 steps of 2 × 3 fragments of 128 words, each step 16 words on so that stores meet different
    // banks; signs of 16 times two pairs of coordinates, each 64 words for 512 columns and 4 more for the banks.
    private const int StepWords = (2 * 3 * 128) + 16, GradientWords = 4 * StepWords, PairWords = 68, SignWords = 16 * PairWords;

    /// <inheritdoc/>
    public static void Run<TSource>(TSource source, ProjectionTarget target)
        where TSource : struct, ISharedSource
    {
        ArrayView<uint> gradients = SharedMemory.Allocate<uint>(2 * GradientWords), signs = SharedMemory.Allocate<uint>(2 * SignWords);
        int warp = Group.IdxX >> 5, lane = Group.IdxX & 31, even = 15 - (lane >> 2), odd = 7 - (lane >> 2);
        int chunks = (int)((target.End - target.First + 63) >> 6), steps = ((long)Grid.IdxX * 512) + (64 * warp) < target.Columns ? 4 : 0;

        // Two bfloat16 ones, from something that the assembler cannot know: with two constants it would make two instructions of one.
        uint ones = ((uint)Group.DimX * 0x3F803Fu) | 0x80u;
        Float4 s00 = default, s01 = default, s02 = default, s03 = default, s04 = default, s05 = default, s06 = default, s07 = default;
        Float4 s10 = default, s11 = default, s12 = default, s13 = default, s14 = default, s15 = default, s16 = default, s17 = default;
        MakeSigns(source, target, 0, signs);
        MakeGradients(source, target, 0, gradients);
        Group.Barrier();
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            if (chunk + 1 < chunks)
            {
                MakeSigns(source, target, chunk + 1, signs);
                MakeGradients(source, target, chunk + 1, gradients);
            }

            for (int step = 0; step < steps; step++)
            {
                int at = (((chunk & 1) * (GradientWords / 4)) + (step * (StepWords / 4))) + (Group.IdxX & 31);
                SplitFragment a0 = Load(gradients, at), a1 = Load(gradients, at + 96);
                int pair = ((chunk & 1) * (SignWords / 4)) + (((step * 4) + (Group.IdxX & 3)) * (PairWords / 4)) + (2 * (Group.IdxX >> 5));
                Words4 words = signs.Cast<Words4>()[pair];
                uint b0, b1;
                TwoProducts product;
                b0 = TensorCore.Signs(words.X << even, ones);
                b1 = TensorCore.Signs(words.Y << even, ones);
                product = TensorCore.Multiply(a0, a1, b0, b1);
                s00 = s00.Plus(product.Upper);
                s10 = s10.Plus(product.Lower);
                b0 = TensorCore.Signs(words.X << odd, ones);
                b1 = TensorCore.Signs(words.Y << odd, ones);
                product = TensorCore.Multiply(a0, a1, b0, b1);
                s01 = s01.Plus(product.Upper);
                s11 = s11.Plus(product.Lower);
                b0 = TensorCore.Signs(words.Z << even, ones);
                b1 = TensorCore.Signs(words.W << even, ones);
                product = TensorCore.Multiply(a0, a1, b0, b1);
                s02 = s02.Plus(product.Upper);
                s12 = s12.Plus(product.Lower);
                b0 = TensorCore.Signs(words.Z << odd, ones);
                b1 = TensorCore.Signs(words.W << odd, ones);
                product = TensorCore.Multiply(a0, a1, b0, b1);
                s03 = s03.Plus(product.Upper);
                s13 = s13.Plus(product.Lower);
                words = signs.Cast<Words4>()[pair + 1];
                b0 = TensorCore.Signs(words.X << even, ones);
                b1 = TensorCore.Signs(words.Y << even, ones);
                product = TensorCore.Multiply(a0, a1, b0, b1);
                s04 = s04.Plus(product.Upper);
                s14 = s14.Plus(product.Lower);
                b0 = TensorCore.Signs(words.X << odd, ones);
                b1 = TensorCore.Signs(words.Y << odd, ones);
                product = TensorCore.Multiply(a0, a1, b0, b1);
                s05 = s05.Plus(product.Upper);
                s15 = s15.Plus(product.Lower);
                b0 = TensorCore.Signs(words.Z << even, ones);
                b1 = TensorCore.Signs(words.W << even, ones);
                product = TensorCore.Multiply(a0, a1, b0, b1);
                s06 = s06.Plus(product.Upper);
                s16 = s16.Plus(product.Lower);
                b0 = TensorCore.Signs(words.Z << odd, ones);
                b1 = TensorCore.Signs(words.W << odd, ones);
                product = TensorCore.Multiply(a0, a1, b0, b1);
                s07 = s07.Plus(product.Upper);
                s17 = s17.Plus(product.Lower);
            }

            Group.Barrier();
        }

        long row = ((long)Grid.IdxZ * 32) + (lane >> 2), column = ((long)Grid.IdxX * 512) + (64 * warp) + (2 * (lane & 3));
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
    /// The signs of 64 coordinates and 512 columns: word 8·block + 2·w + h of a pair of coordinates holds columns 128·block + 32·w + 16·h
    /// and on, of the first coordinate in the low half and of the second in the high half. A lane needs a pair and the one
    /// 8 coordinates on, so their words lie in turn.
    /// </summary>
    private static void MakeSigns<TSource>(TSource source, ProjectionTarget target, int chunk, ArrayView<uint> signs)
        where TSource : struct, ISharedSource
    {
        int element = Group.IdxX & 63, block = Group.IdxX >> 6;
        long columnBlock = ((long)Grid.IdxX * 4) + block;
        if (columnBlock * 128 >= target.Columns) return;
        PhiloxWords words = DevicePhilox.Words(
            source.Coordinate(source.Place(target.First + ((long)chunk * 64) + element)), (uint)columnBlock,
            target.Stream, target.Seed, target.ModelId);
        int at = ((chunk & 1) * SignWords) + ((((element >> 4) * 4) + ((element >> 1) & 3)) * PairWords)
            + (16 * block) + (2 * (element & 1)) + ((element >> 3) & 1);
        signs[at] = Paired(words.X, element);
        signs[at + 4] = Paired(words.Y, element);
        signs[at + 8] = Paired(words.Z, element);
        signs[at + 12] = Paired(words.W, element);
    }

    /// <summary>The low halves of a pair's words for its first coordinate, the high halves for its second.</summary>
    private static uint Paired(uint own, int element)
    {
        uint other = Warp.ShuffleXor(own, 1);
        return (element & 1) == 0 ? (own & 0xFFFFu) | (other << 16) : (other >> 16) | (own & 0xFFFF0000u);
    }

    /// <summary>
    /// The gradients of 32 rows and 64 coordinates, as fragments. A thread makes two neighboring coordinates of rows warp, warp + 8,
    /// warp + 16 and warp + 24: its words are neighbors in the fragments, two by two.
    /// </summary>
    private static void MakeGradients<TSource>(TSource source, ProjectionTarget target, int chunk, ArrayView<uint> gradients)
        where TSource : struct, ISharedSource
    {
        int warp = Group.IdxX >> 5, pair = Group.IdxX & 31;
        int row = (Grid.IdxZ * 32) + warp;
        long first = target.First + ((long)chunk * 64) + (2 * pair), last = target.End - 1;
        FourRows values = source.Values(
            row, target.Rows, source.Place(IntrinsicMath.Min(first, last)), source.Place(IntrinsicMath.Min(first + 1, last)));
        int at = (((chunk & 1) * GradientWords) + ((pair >> 3) * StepWords) + (((warp * 4) + (pair & 3)) * 4) + ((pair >> 1) & 2)) >> 1;
        Split(
            gradients, at,
            Within(values.First.X, row, first, target), Within(values.Second.X, row, first + 1, target),
            Within(values.First.Y, row + 8, first, target), Within(values.Second.Y, row + 8, first + 1, target));
        Split(
            gradients, at + 192,
            Within(values.First.Z, row + 16, first, target), Within(values.Second.Z, row + 16, first + 1, target),
            Within(values.First.W, row + 24, first, target), Within(values.Second.W, row + 24, first + 1, target));
    }

    /// <summary>A gradient, or 0 where there is none.</summary>
    private static float Within(float value, int row, long i, ProjectionTarget target) => row < target.Rows && i < target.End ? value : 0;

    /// <summary>Stores the three parts of two neighboring coordinates of two rows.</summary>
    private static void Split(ArrayView<uint> gradients, int at, float near0, float near1, float far0, float far1)
    {
        ArrayView<Words2> fragments = gradients.Cast<Words2>();
        fragments[at] = High(near0, near1, far0, far1);
        near0 = Rest(near0);
        near1 = Rest(near1);
        far0 = Rest(far0);
        far1 = Rest(far1);
        fragments[at + 64] = High(near0, near1, far0, far1);
        fragments[at + 128] = High(Rest(near0), Rest(near1), Rest(far0), Rest(far1));
    }

    /// <summary>The upper halves of two numbers of either row, the second's above the first's.</summary>
    private static Words2 High(float near0, float near1, float far0, float far1)
    {
        Words2 words;
        words.X = High(near0, near1);
        words.Y = High(far0, far1);
        return words;
    }

    /// <summary>The upper halves of two numbers, the second's above the first's.</summary>
    private static uint High(float low, float high) => (Interop.FloatAsInt(low) >> 16) | (Interop.FloatAsInt(high) & 0xFFFF0000u);

    /// <summary>What the upper half leaves, exactly.</summary>
    private static float Rest(float value) => value - Interop.IntAsFloat(Interop.FloatAsInt(value) & 0xFFFF0000u);

    private static SplitFragment Load(ArrayView<uint> gradients, int at)
    {
        SplitFragment fragment;
        fragment.High = gradients.Cast<Words4>()[at];
        fragment.Middle = gradients.Cast<Words4>()[at + 32];
        fragment.Low = gradients.Cast<Words4>()[at + 64];
        return fragment;
    }

    private static void Write(ProjectionTarget target, long row, long column, Float4 sums)
    {
        target.Write(row, column, sums.X);
        target.Write(row, column + 1, sums.Y);
        target.Write(row + 8, column, sums.Z);
        target.Write(row + 8, column + 1, sums.W);
    }
}
