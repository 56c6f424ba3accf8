namespace TrakFast.Kernels;

/// <summary>
/// Tiles that are products over positions: a tile's rows times its strip's columns, in depths that stay in the first-level
/// cache. The factors are packed as the micro-kernel reads them, so that a tile is nothing but its calls.
/// </summary>
internal abstract unsafe class ProductTiles<TKernel>(
    GradientBlock block, long rowStride, long rows, long columns, long tileRows, long tileColumns)
    : TileSource(block, rowStride, rows, columns, tileRows, tileColumns)
    where TKernel : struct, IGemmKernel<float>
{
    /// <summary>Positions multiplied at once: a panel of either factor then fits the first-level cache.</summary>
    private protected const int Depth = 256;

    /// <summary>Floats that packing a panel may write beyond it, and that a kernel may read beyond a row.</summary>
    private protected const int Slack = 64;

    /// <summary>Elements of a tile that 16 examples can have in a second-level cache.</summary>
    private protected const int Elements = 4096;

    /// <summary>As many whole panels of rows as give a tile of the right size.</summary>
    private protected static long RowsOf(long columns) => Math.Max(1, Elements / Math.Max(1, columns) / TKernel.Rows) * TKernel.Rows;

    /// <summary>Packs rows of a left factor, [rows, positions] with a step between rows, panel after panel.</summary>
    private protected static void PackRows(float* source, long step, long rows, int positions, float* target)
    {
        for (long row = 0; row < rows; row += TKernel.Rows)
        {
            int count = (int)Math.Min(TKernel.Rows, rows - row);
            Pack.Panel(true, source + (row * step), step, count, count, positions, target + (row * positions));
        }
    }

    /// <summary>values [rows, width] = packed rows · packed columns, [width / Columns, positions, Columns].</summary>
    private protected static void Multiply(long rows, int width, int positions, float* left, float* right, float* values)
    {
        float* edge = stackalloc float[TKernel.Rows * TKernel.Columns];
        for (int p = 0; p < positions; p += Depth)
        {
            int depth = Math.Min(Depth, positions - p);
            for (int column = 0; column < width; column += TKernel.Columns)
            {
                float* b = right + ((long)column * positions) + ((long)p * TKernel.Columns);
                for (long row = 0; row < rows; row += TKernel.Rows)
                {
                    int count = (int)Math.Min(TKernel.Rows, rows - row);
                    float* a = left + (row * positions) + ((long)p * count), c = values + (row * width) + column;
                    if (width - column >= TKernel.Columns)
                    {
                        TKernel.Run(count, depth, a, count, b, TKernel.Columns, c, width, p > 0);
                        continue;
                    }

                    TKernel.Run(count, depth, a, count, b, TKernel.Columns, edge, TKernel.Columns, false);
                    Move(edge, count, c, width, width - column, p > 0);
                }
            }
        }
    }

    /// <summary>Moves the part of a kernel's tile that lies inside the values.</summary>
    private protected static void Move(float* edge, int rows, float* values, int step, int width, bool add)
    {
        for (int row = 0; row < rows; row++, edge += TKernel.Columns, values += step)
        {
            for (int i = 0; i < width; i++) values[i] = add ? values[i] + edge[i] : edge[i];
        }
    }
}
