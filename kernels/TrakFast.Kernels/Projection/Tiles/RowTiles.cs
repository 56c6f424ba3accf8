namespace TrakFast.Kernels;

/// <summary>
/// Tiles of a <see cref="RowsBlock"/> for a dense random matrix: one for each table row that any of the examples touches,
/// in ascending order of ids, with the examples that touch it, so that the row's random entries are made once. An
/// example's own rows come in ascending order whatever the others do, which keeps its sums batch-invariant.
/// </summary>
internal sealed unsafe class RowTiles(RowsBlock block)
{
    /// <summary>Floats of values that go into one batch of tiles.</summary>
    private const long BatchFloats = 256 << 10;

    private readonly long* _ids = block.Ids.Longs;
    private readonly float* _values = block.Values.Floats;
    private readonly List<TileView> _tiles = [];
    private (long Id, long Row)[] _touched = [];
    private int _next;
    private int _first;

    /// <summary>Floats that <see cref="Next"/> needs: values of whole tiles, and a list of examples for each.</summary>
    public static long BufferLength(RowsBlock block, int examples) =>
        BatchFloats + ((long)examples * block.RowLength) + Math.Min(BatchFloats, (long)examples * block.Positions) + examples;

    /// <summary>Starts over with examples [first, first + count).</summary>
    public void Begin(int first, int count)
    {
        _first = first;
        _next = 0;
        _touched = new (long, long)[(long)count * block.Positions];
        for (long i = 0; i < _touched.Length; i++)
        {
            long row = ((long)first * block.Positions) + i;
            _touched[i] = (_ids[row], row);
        }

        Array.Sort(_touched);
    }

    /// <summary>The next tiles, their values in the buffer; none at the end.</summary>
    public TileView[] Next(float* buffer)
    {
        _tiles.Clear();
        int length = block.RowLength;
        float* end = buffer + BatchFloats;
        float* values = buffer;
        int* examples = (int*)(end + ((long)length * Math.Max(1, _touched.Length / Math.Max(1, block.Positions))));
        int* lastExample = examples + Math.Min(BatchFloats, _touched.Length);
        while (_next < _touched.Length && values < end && examples < lastExample)
        {
            long id = _touched[_next].Id;
            int count = 0;
            for (; _next < _touched.Length && _touched[_next].Id == id; _next++)
            {
                // Rows are sorted by position inside an id, so an example's positions follow each other.
                long row = _touched[_next].Row;
                int example = (int)(row / block.Positions) - _first;
                float* source = _values + (row * length);
                if (count > 0 && examples[count - 1] == example)
                {
                    VectorAdd.Add(source, values + ((count - 1L) * length), length);
                    continue;
                }

                new ReadOnlySpan<float>(source, length).CopyTo(new Span<float>(values + ((long)count * length), length));
                examples[count++] = example;
            }

            CoordinateRuns runs = new(block.Offset + (id * length), length, length);
            _tiles.Add(new TileView(runs, length, (nint)values, length, (nint)examples, count));
            values += (long)count * length;
            examples += count;
        }

        return [.. _tiles];
    }
}
