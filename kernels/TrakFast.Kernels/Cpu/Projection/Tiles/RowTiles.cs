namespace TrakFast.Kernels;

/// <summary>
/// Tiles of a <see cref="RowsBlock"/> for a dense random matrix: one for each table row that any of the examples touches,
/// in ascending order of ids, with the examples that touch it, so that the row's random entries are made once. An
/// example's own rows come in ascending order whatever the others do, which keeps its sums batch-invariant.
/// </summary>
internal sealed unsafe class RowTiles
{
    /// <summary>Floats of values that go into one stage.</summary>
    private const long StageFloats = 256 << 10;

    /// <summary>Floats before the values: the number of tiles.</summary>
    private const int Header = 16;

    private readonly RowsBlock _block;
    private readonly Touch* _touched;
    private readonly int _length;
    private readonly int _stageRows;
    private readonly int _first;
    private readonly int _rows;

    /// <summary>Sorts what examples [first, first + count) touch.</summary>
    public RowTiles(RowsBlock block, int first, int count, float* order)
    {
        (_block, _first, _length) = (block, first, count * block.Positions);
        _touched = (Touch*)order;
        _stageRows = StageRows(block);
        _rows = _stageRows + count;
        long* ids = block.Ids.Longs;
        for (int i = 0; i < _length; i++)
        {
            long row = ((long)first * block.Positions) + i;
            _touched[i] = new Touch(ids[row], row);
        }

        new Span<Touch>(_touched, _length).Sort();
    }

    /// <summary>Stages in which the tiles come.</summary>
    public int Stages => (_length + _stageRows - 1) / _stageRows;

    /// <summary>Floats of scratch that the order of rows needs.</summary>
    public static long OrderLength(RowsBlock block, int examples) => (long)examples * block.Positions * (sizeof(Touch) / sizeof(float));

    /// <summary>Floats that a stage needs: values of whole tiles, a list of examples, and a list of tiles.</summary>
    public static long BufferLength(RowsBlock block, int examples)
    {
        long rows = StageRows(block) + (long)examples;
        return (Header + (rows * (block.RowLength + 1 + (sizeof(Entry) / sizeof(float)))) + 31) / 16 * 16;
    }

    /// <summary>Tiles in a filled buffer.</summary>
    public static int Count(float* buffer) => *(int*)buffer;

    /// <summary>Tile i of a filled buffer.</summary>
    public TileView View(float* buffer, int i)
    {
        Entry entry = Entries(buffer)[i];
        int length = _block.RowLength;
        return new TileView(
            new CoordinateRuns(_block.Offset + (entry.Id * length), length, length), length,
            (nint)(buffer + Header + ((long)entry.Row * length)), length, (nint)(Examples(buffer) + entry.Row), entry.Count);
    }

    /// <summary>Writes the tiles of the ids that begin among the stage's share of the sorted rows.</summary>
    public void Fill(long stage, float* buffer)
    {
        int length = _block.RowLength, next = Begin(stage), end = Begin(stage + 1), rows = 0, tiles = 0;
        float* values = buffer + Header, source = _block.Values.Floats;
        int* examples = Examples(buffer);
        Entry* entries = Entries(buffer);
        while (next < end)
        {
            long id = _touched[next].Id;
            int start = rows;
            for (; next < end && _touched[next].Id == id; next++)
            {
                // Rows are sorted by position inside an id, so an example's positions follow each other.
                long row = _touched[next].Row;
                int example = (int)(row / _block.Positions) - _first;
                if (rows > start && examples[rows - 1] == example)
                {
                    VectorAdd.Add(source + (row * length), values + ((rows - 1L) * length), length);
                    continue;
                }

                new ReadOnlySpan<float>(source + (row * length), length).CopyTo(new Span<float>(values + ((long)rows * length), length));
                examples[rows++] = example;
            }

            entries[tiles++] = new Entry(id, start, rows - start);
        }

        *(int*)buffer = tiles;
    }

    private static int StageRows(RowsBlock block) => (int)Math.Clamp(StageFloats / Math.Max(1, block.RowLength), 1, 1 << 16);

    /// <summary>The first sorted row at or behind a stage's share that begins an id.</summary>
    private int Begin(long stage)
    {
        int at = (int)Math.Min(_length, stage * _stageRows);
        while (at > 0 && at < _length && _touched[at].Id == _touched[at - 1].Id) at++;
        return at;
    }

    private int* Examples(float* buffer) => (int*)(buffer + Header + ((long)_rows * _block.RowLength));

    /// <summary>Behind the list of examples, where 64-bit numbers are aligned.</summary>
    private Entry* Entries(float* buffer) => (Entry*)(buffer + ((Header + (_rows * (_block.RowLength + 1L)) + 1) / 2 * 2));

    private readonly record struct Touch(long Id, long Row) : IComparable<Touch>
    {
        public int CompareTo(Touch other) => Id != other.Id ? Id.CompareTo(other.Id) : Row.CompareTo(other.Row);
    }

    private readonly record struct Entry(long Id, int Row, int Count);
}
