using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// Tiles of Σ_t left[t]·right[t]ᵀ, made in place: the gradient is never in global memory. A tile has 2^a rows and 2^(12−a)
/// columns; a thread sums 4 × 4 of them in registers. Factors are staged by up to 16 positions in the memory that the tile will
/// take: (rows + columns)·4 bytes a position from global memory, for 4,096 multiply-adds; of shared memory, two 16-byte reads for
/// 16 multiply-adds.
/// </summary>
internal struct FactoredTile : ITile
{
    /// <summary>An example's factors.</summary>
    public ArrayView<float> Left, Right;

    /// <summary>Elements between two positions, rows and columns.</summary>
    public int LeftPosition, LeftRow, RightPosition, RightColumn;

    /// <summary>Positions T, rows and columns of the block.</summary>
    public int Positions, Rows, Columns;

    /// <summary>Logarithm of a tile's columns, 4 to 8.</summary>
    public int LogColumns;

    /// <summary>What the sums are multiplied by.</summary>
    public float Scale;

    /// <inheritdoc/>
    public static bool Ahead => false;

    /// <inheritdoc/>
    public readonly TileValues Load(int chunk, ArrayView<float> shared)
    {
        int logRows = 12 - LogColumns, across = ((Columns - 1) >> LogColumns) + 1;
        int row = chunk / across << logRows, column = chunk % across << LogColumns;

        // Lines are padded by 4, so that 16 positions of an element do not share a bank.
        int leftLine = (1 << logRows) + 4, rightLine = (1 << LogColumns) + 4;
        int logDepth = leftLine + rightLine <= 256 ? 4 : 3;
        while (logDepth > 0 && Positions <= 1 << (logDepth - 1)) logDepth--;
        int depth = 1 << logDepth, right = depth * leftLine;
        int x = Group.IdxX & ((1 << (LogColumns - 2)) - 1), y = Group.IdxX >> (LogColumns - 2);
        ArrayView<Float4> quads = shared.Cast<Float4>();
        TileValues values = default;
        for (int t = 0; t < Positions; t += depth)
        {
            FactorStage left;
            left.Values = Left.SubView(((long)t * LeftPosition) + ((long)row * LeftRow));
            left.Position = LeftPosition;
            left.Element = LeftRow;
            left.Count = IntrinsicMath.Min(depth, Positions - t);
            left.Valid = Rows - row;
            left.LogDepth = logDepth;
            left.LogLength = logRows;
            left.Copy(shared);
            FactorStage other = left;
            other.Values = Right.SubView(((long)t * RightPosition) + ((long)column * RightColumn));
            other.Position = RightPosition;
            other.Element = RightColumn;
            other.Valid = Columns - column;
            other.LogLength = LogColumns;
            other.Copy(shared.SubView(right, depth * rightLine));
            int count = left.Count;
            Group.Barrier();
            int l = y, r = (right >> 2) + x;
            for (int i = 0; i < count; i++, l += leftLine >> 2, r += rightLine >> 2) values.Add(quads[l], quads[r]);
            Group.Barrier();
        }

        return values;
    }

    /// <inheritdoc/>
    public readonly void Store(TileValues values, ArrayView<float> tile)
    {
        int x = Group.IdxX & ((1 << (LogColumns - 2)) - 1), y = Group.IdxX >> (LogColumns - 2), line = 1 << (LogColumns - 2);
        ArrayView<Float4> quads = tile.Cast<Float4>();
        int at = (y * 4 * line) + x;
        quads[at] = values.Row0(Scale);
        quads[at + line] = values.Row1(Scale);
        quads[at + (2 * line)] = values.Row2(Scale);
        quads[at + (3 * line)] = values.Row3(Scale);
    }

    /// <summary>One value by its definition, for references.</summary>
    public readonly float Value(int row, int column)
    {
        float sum = 0;
        for (long t = 0; t < Positions; t++)
            sum += Left[(t * LeftPosition) + ((long)row * LeftRow)] * Right[(t * RightPosition) + ((long)column * RightColumn)];
        return sum * Scale;
    }
}
