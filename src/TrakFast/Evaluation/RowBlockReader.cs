namespace TrakFast.Evaluation;

/// <summary>
/// Where a matrix with a row for each training example comes from: memory, a file (<see cref="NpyRowsFile.ReadRows(long, Span{float})"/>
/// fits), or a formula. Rows are always asked for in blocks, so that the matrix need not fit in memory.
/// </summary>
/// <param name="start">First row.</param>
/// <param name="rows">Receives [rows, width]; its length says how many rows.</param>
public delegate void RowBlockReader(long start, Span<float> rows);

/// <summary>Rows that lie in memory.</summary>
public static class RowBlocks
{
    /// <summary>Reads rows of a matrix in memory.</summary>
    /// <param name="matrix">[n, width].</param>
    /// <param name="width">Elements in a row.</param>
    public static RowBlockReader From(ReadOnlyMemory<float> matrix, int width) =>
        (start, rows) => matrix.Span.Slice(checked((int)(start * width)), rows.Length).CopyTo(rows);

    /// <summary>Reads every row into one array.</summary>
    /// <param name="reader">Rows of a matrix [n, width].</param>
    /// <param name="count">Number of rows n.</param>
    /// <param name="width">Elements in a row.</param>
    /// <returns>[n, width].</returns>
    public static float[] ToArray(this RowBlockReader reader, long count, int width)
    {
        ArgumentNullException.ThrowIfNull(reader);
        float[] matrix = new float[checked(count * width)];
        int block = BlockRows(width);
        for (long start = 0; start < count; start += block)
            reader(start, matrix.AsSpan((int)(start * width), (int)Math.Min(block, count - start) * width));
        return matrix;
    }

    /// <summary>
    /// Rows to ask for at once: some 16 MiB, never more than 1,024 rows. Depends on the width alone, and with it every
    /// result.
    /// </summary>
    internal static int BlockRows(int width) => Math.Clamp((4 << 20) / Math.Max(width, 1), 1, 1024);
}
