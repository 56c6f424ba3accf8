namespace TrakFast.Datasets;

/// <summary>What matching a regular expression remembers: other ways that are left, and how many steps it has taken.</summary>
/// <param name="pattern">The expression, for the error.</param>
internal sealed class RegexRun(string pattern)
{
    /// <summary>Marks an entry as a way to go.</summary>
    public const int Way = -1;

    /// <summary>Marks an entry as a note to restore.</summary>
    public const int Mark = -2;

    private const long FewSteps = 20_000_000;
    private const long StepsPerCharacter = 200;
    private const int MostWays = 1 << 22;

    private (int Step, int At, int Kind)[] _ways = new (int, int, int)[64];
    private long _steps;
    private int _marks;

    /// <summary>Number of entries.</summary>
    public int Depth { get; private set; }

    /// <summary>Where rounds of loops began.</summary>
    public int[] Marks { get; private set; } = new int[8];

    /// <summary>Counts steps.</summary>
    /// <param name="length">Length of the text.</param>
    /// <param name="count">Number of steps.</param>
    /// <exception cref="InputException">They are too many for a text of that length.</exception>
    public void Spend(int length, int count = 1)
    {
        _steps += count;
        if (_steps > FewSteps && _steps > FewSteps + (StepsPerCharacter * length))
            throw new InputException(
                $"The regular expression {TokenizerText.Quote(pattern)} takes more than {_steps - 1} steps on a text of {length} characters.");
    }

    /// <summary>Makes room for a program's notes.</summary>
    public int PushMarks(int count)
    {
        int first = _marks;
        _marks += count;
        if (_marks > Marks.Length)
        {
            int[] grown = new int[_marks * 2];
            Marks.CopyTo(grown, 0);
            Marks = grown;
        }

        Marks.AsSpan(first, count).Fill(-1);
        return first;
    }

    /// <summary>Remembers something.</summary>
    /// <param name="step">The step to go on at, or the note's index.</param>
    /// <param name="at">The place to go on at, or the note's value.</param>
    /// <param name="kind"><see cref="Way"/>, <see cref="Mark"/>, or the first place that a span may end at.</param>
    public void Push(int step, int at, int kind)
    {
        if (Depth == MostWays)
            throw new InputException($"The regular expression {TokenizerText.Quote(pattern)} leaves more than {MostWays} ways to match a text.");
        if (Depth == _ways.Length) Array.Resize(ref _ways, Depth * 2);
        _ways[Depth++] = (step, at, kind);
    }

    /// <summary>Takes the latest way that is left.</summary>
    public bool Back(int floor, ReadOnlySpan<char> text, ref int step, ref int at)
    {
        while (Depth > floor)
        {
            (int s, int a, int kind) = _ways[--Depth];
            if (kind == Mark)
            {
                Marks[s] = a;
                continue;
            }

            step = s;
            at = a;
            if (kind == Way) return true;
            CodePoints.Before(text, a, out int length);
            at -= length;
            if (at > kind) Push(s, at, kind);
            return true;
        }

        return false;
    }

    /// <summary>Forgets what a program remembered.</summary>
    public void Drop(int depth, int marks)
    {
        Depth = depth;
        _marks = marks;
    }
}
