using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>Tiles that follow one another in a batch, across lines and examples. Lives in memory that the caller rents.</summary>
internal readonly unsafe ref struct WinogradTiles
{
    private readonly WinogradPlan _plan;
    private readonly int _count;
    private readonly int _stepDown;
    private readonly int _stepAcross;
    private readonly nint* _lines;
    private readonly nint* _places;
    private readonly Target* _targets;

    /// <summary>
    /// Tiles [first, first + count), with tables in memory of <see cref="TableBytes"/>;
    /// <paramref name="room"/> ≥ count places are filled.
    /// </summary>
    public WinogradTiles(WinogradPlan plan, long first, int count, int room, void* memory)
    {
        _plan = plan;
        _count = count;
        _places = (nint*)memory;
        _targets = (Target*)(_places + room);
        _lines = (nint*)(_targets + room);
        bool phased = plan.Mirrored && plan.Phases > 1;
        (_stepDown, _stepAcross) = phased ? (plan.PhasesDown, plan.PhasesAcross) : (1, 1);
        long exampleStep = (long)(phased ? plan.Channels : plan.Outputs) * plan.TargetHeight * plan.TargetWidth;
        long example = -1, firstRow = 0;
        int begin = 0;
        for (int t = 0; t < count; t++)
        {
            (long e, long tile) = Math.DivRem(first + t, plan.Tiles);
            (long row, long column) = Math.DivRem(tile, plan.TilesAcross);
            if (e != example)
            {
                // An example's lines, from those of its first tile to those of its last one here.
                long last = Math.Min(plan.Tiles - 1, tile + count - 1 - t) / plan.TilesAcross;
                example = e;
                firstRow = row;
                begin = Lines;
                Lines += (int)(WinogradPlan.Tile * (last - row)) + WinogradPlan.Points;
                for (int line = begin; line < Lines; line++)
                {
                    _lines[2 * line] = (nint)e;
                    _lines[(2 * line) + 1] = (nint)((WinogradPlan.Tile * row) + line - begin);
                }
            }

            _places[t] = (nint)(((begin + (WinogradPlan.Tile * (row - firstRow))) * Pitch(plan)) + (WinogradPlan.Tile * column));
            int y = (int)(WinogradPlan.Tile * row * _stepDown) + plan.FirstDown,
                x = (int)(WinogradPlan.Tile * column * _stepAcross) + plan.FirstAcross;
            _targets[t] = new Target((nint)((e * exampleStep) + ((long)y * plan.TargetWidth) + x), y, x);
        }

        // Lanes without a tile repeat the first.
        for (int t = count; t < room; t++) _places[t] = _places[0];
    }

    /// <summary>Lines of the tiles' planes.</summary>
    public int Lines { get; }

    /// <summary>Where each tile begins in a plane.</summary>
    public nint* Places => _places;

    /// <summary>Floats of a plane's line: a tile is read in two vectors of four.</summary>
    public static int Pitch(WinogradPlan plan) => (WinogradPlan.Tile * plan.TilesAcross) + WinogradPlan.Tile;

    /// <summary>The most lines that <paramref name="count"/> tiles see.</summary>
    public static long MostLines(WinogradPlan plan, long count)
    {
        // Each line of tiles adds four, each example's first two more.
        long rows = ((count + plan.TilesAcross - 2) / plan.TilesAcross) + 1, examples = ((count + plan.Tiles - 2) / plan.Tiles) + 1;
        return (WinogradPlan.Tile * rows) + ((WinogradPlan.Points - WinogradPlan.Tile) * examples);
    }

    /// <summary>Bytes of the tables.</summary>
    public static long TableBytes(WinogradPlan plan, long room) =>
        (room * (sizeof(nint) + sizeof(Target))) + (2 * MostLines(plan, room) * sizeof(nint));

    /// <summary>One source channel's lines as one phase sees them.</summary>
    public void Fill(float* source, long exampleStep, int down, int across, float* plane)
    {
        int pitch = Pitch(_plan);
        for (int line = 0; line < Lines; line++, plane += pitch)
        {
            nint row = (_plan.StepDown * _lines[(2 * line) + 1]) + down - _plan.PadDown;
            bool inside = row >= 0 && row < _plan.SourceHeight;
            PatchLines.Line(
                inside ? source + (_lines[2 * line] * exampleStep) + (row * _plan.SourceWidth) : null, _plan.SourceWidth,
                across - _plan.PadAcross, _plan.StepAcross, plane, pitch);
        }
    }

    /// <summary>Outputs [tiles, 4, 4] of one channel and phase to their places.</summary>
    /// <param name="start">The first of the tiles here.</param>
    /// <param name="count">How many.</param>
    /// <param name="outputs">Their outputs.</param>
    /// <param name="target">The first example's channel.</param>
    /// <param name="down">The phase.</param>
    /// <param name="across">The phase.</param>
    /// <param name="shift">What is added to every output, or null.</param>
    /// <param name="add">Whether to add to the target.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Store(int start, int count, float* outputs, float* target, int down, int across, float* shift, bool add)
    {
        int width = _plan.TargetWidth, height = _plan.TargetHeight;
        Vector128<float> shifts = Vector128.Create(shift is null ? 0 : *shift);
        for (int t = start; t < Math.Min(start + count, _count); t++, outputs += WinogradPlan.Tile * WinogradPlan.Tile)
        {
            int y = _targets[t].Row + down, x = _targets[t].Column + across;
            float* to = target + _targets[t].Place + ((long)down * width) + across;
            for (int i = 0; i < WinogradPlan.Tile; i++, y += _stepDown, to += (long)_stepDown * width)
            {
                if (y < 0 || y >= height) continue;
                float* from = outputs + (WinogradPlan.Tile * i);
                if (_stepAcross == 1 && x >= 0 && x <= width - WinogradPlan.Tile)
                {
                    Vector128<float> values = Vector128.Load(from);
                    (add ? values + Vector128.Load(to) : shift is null ? values : values + shifts).Store(to);
                    continue;
                }

                for (int j = 0; j < WinogradPlan.Tile; j++)
                {
                    int at = j * _stepAcross;
                    if (x + at < 0 || x + at >= width) continue;
                    to[at] = add ? to[at] + from[j] : shift is null ? from[j] : from[j] + *shift;
                }
            }
        }
    }

    /// <summary>Where a tile's outputs go in the target's first phase; may begin before it.</summary>
    private readonly record struct Target(nint Place, int Row, int Column);
}
