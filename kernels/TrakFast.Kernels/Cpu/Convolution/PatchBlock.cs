namespace TrakFast.Kernels;

/// <summary>
/// Some positions that follow one another in a batch, across lines and examples: where each panel of a product's columns
/// finds its source elements, and where its results go. Lives in memory that the caller rents.
/// </summary>
internal unsafe ref struct PatchBlock
{
    private readonly PatchProduct _product;
    private readonly int _columns;
    private readonly int _vector;
    private long _firstLine;
    private int _from;
    private int _span;

    /// <summary>A block of no positions yet.</summary>
    public PatchBlock(PatchProduct product, bool inPlace, int columns, int vector)
    {
        _product = product;
        _columns = columns;
        _vector = vector;
        InPlace = inPlace;
    }

    /// <summary>Whether columns are read from the source itself.</summary>
    public bool InPlace { get; }

    /// <summary>Panels of columns.</summary>
    public int Panels { readonly get; private set; }

    /// <summary>Padded lines the block sees.</summary>
    public int Lines { readonly get; private set; }

    /// <summary>Elements of a padded line: its slots, each with what the block sees of it.</summary>
    public readonly int Pitch => _product.Slots.Length * _span;

    /// <summary>Elements of a slot.</summary>
    public readonly int Span => _span;

    /// <summary>The first element of a slot that the block sees.</summary>
    public readonly int From => _from;

    /// <summary>Floats from one channel's padded lines to the next's.</summary>
    public long ChannelStep { readonly get; private set; }

    /// <summary>For each padded line, where it begins in the source; −1 for zeros, −2 for one that nobody sees.</summary>
    public nint* Sources { readonly get; private set; }

    /// <summary>What each tap adds to a position's place.</summary>
    public nint* Shifts { readonly get; private set; }

    /// <summary>
    /// For each panel, its vectors' places, then where in the panel each goes; later ones overwrite what earlier ones write too much.
    /// </summary>
    public PatchMove* Copies { readonly get; private set; }

    /// <summary>Copies of each panel; a panel's begin at a multiple of the columns.</summary>
    public int* CopyCounts { readonly get; private set; }

    /// <summary>For each panel, runs of results that lie side by side in the target.</summary>
    public PatchMove* Stores { readonly get; private set; }

    /// <summary>Runs of each panel.</summary>
    public int* StoreCounts { readonly get; private set; }

    /// <summary>
    /// Finds out what the block of positions [start, end) sees; then <see cref="TableBytes"/> and <see cref="ChannelStep"/> are known.
    /// </summary>
    public void Measure(long start, long end)
    {
        Panels = (int)((end - start + _columns - 1) / _columns);
        if (InPlace)
        {
            ChannelStep = _product.SourceSize;
            Lines = 0;
            return;
        }

        int width = _product.Width;
        bool single = start / width == (end - 1) / width;
        _from = single ? (int)(start % width) : 0;
        _span = (single ? (int)(end - start) : width) + _product.Reach;
        _firstLine = PaddedLine(start);
        Lines = checked((int)(PaddedLine(end - 1) + _product.OuterReach - _firstLine + 1));
        ChannelStep = ConvolutionScratch.OddLines(checked((long)Lines * Pitch) + _vector);
    }

    /// <summary>Bytes of the tables.</summary>
    public readonly long TableBytes =>
        ((long)(Lines + _product.Taps + 1) * sizeof(nint)) + ((long)Panels * 2 * ((_columns * sizeof(PatchMove)) + sizeof(int)));

    /// <summary>Fills the tables.</summary>
    public void Build(long start, long end, long sourceExample, long targetExample, void* memory)
    {
        Sources = (nint*)memory;
        Shifts = Sources + Lines;
        Copies = (PatchMove*)(Shifts + _product.Taps);
        Stores = Copies + ((long)Panels * _columns);
        CopyCounts = (int*)(Stores + ((long)Panels * _columns));
        StoreCounts = CopyCounts + Panels;
        for (int tap = 0; tap < _product.Taps; tap++)
            Shifts[tap] = InPlace ? 0 : ((nint)_product.OuterShifts[tap] * Pitch) + (_product.SlotOf[tap] * _span) + _product.Subs[tap];
        for (int i = 0; i < Lines; i++)
        {
            (long example, long line) = Math.DivRem(_firstLine + i, _product.Sources.Length);
            int at = _product.Sources[line];
            Sources[i] = at < 0 ? at : (nint)((example * sourceExample) + at);
        }

        int runWidth = InPlace ? _product.Positions : _product.Width, storeWidth = _product.Joined ? _product.Positions : _product.Width;
        for (int panel = 0; panel < Panels; panel++)
        {
            long at = start + ((long)panel * _columns);
            CopyCounts[panel] = CopiesOf(at, end, start, runWidth, sourceExample, Copies + ((long)panel * _columns));
            StoreCounts[panel] = StoresOf(at, end, storeWidth, targetExample, Stores + ((long)panel * _columns));
        }
    }

    /// <summary>Whether all columns of a panel lie side by side in the target.</summary>
    public readonly bool Whole(int panel) => StoreCounts[panel] == 1 && Stores[(long)panel * _columns].Length == _columns;

    /// <summary>Whether all columns of a panel lie side by side in the source.</summary>
    public readonly bool Contiguous(int panel)
    {
        PatchMove* copies = Copies + ((long)panel * _columns);
        int count = CopyCounts[panel];
        return count * _vector == _columns && copies[count - 1].Place == copies[0].Place + _columns - _vector;
    }

    private readonly long PaddedLine(long position)
    {
        (long example, long at) = Math.DivRem(position, _product.Positions);
        return (example * _product.Sources.Length) + _product.LineOf[at / _product.Width];
    }

    private readonly nint Place(long position, long sourceExample)
    {
        if (!InPlace)
            return (nint)(((PaddedLine(position) - _firstLine) * (_product.Slots.Length * _span)) + (position % _product.Width) - _from);
        (long example, long at) = Math.DivRem(position, _product.Positions);
        return (nint)((example * sourceExample) + at);
    }

    private readonly int CopiesOf(long position, long end, long start, int width, long sourceExample, PatchMove* copies)
    {
        int count = 0;
        for (int column = 0; column < _columns;)
        {
            // Columns beyond the last position repeat the first one's vector: numbers that multiply as fast as any.
            bool inside = position < end;
            int run = inside ? (int)Math.Min(Math.Min(_columns - column, width - (position % width)), end - position) : _columns - column;
            nint place = Place(inside ? position : start, sourceExample);
            for (int i = 0; i < run; i += _vector) copies[count++] = new PatchMove(inside ? place + i : place, column + i, _vector);
            column += run;
            position += run;
        }

        return count;
    }

    private readonly int StoresOf(long position, long end, int width, long targetExample, PatchMove* stores)
    {
        int count = 0;
        for (int column = 0; column < _columns && position < end;)
        {
            int run = (int)Math.Min(Math.Min(_columns - column, width - (position % width)), end - position);
            (long example, long at) = Math.DivRem(position, _product.Positions);
            (long line, long x) = Math.DivRem(at, _product.Width);
            stores[count++] = new PatchMove(
                (nint)((example * targetExample) + _product.Targets[line] + (x * _product.TargetStep)), column, run);
            column += run;
            position += run;
        }

        return count;
    }
}

/// <summary>Columns of a panel that move together.</summary>
/// <param name="Place">Where the first lies in the source or target.</param>
/// <param name="Column">The first.</param>
/// <param name="Length">How many.</param>
internal readonly record struct PatchMove(nint Place, int Column, int Length);
