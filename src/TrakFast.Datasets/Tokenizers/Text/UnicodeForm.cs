namespace TrakFast.Datasets;

/// <summary>
/// The normalization forms of Unicode. The runtime's own need a library (ICU) that is not on every machine.
/// </summary>
/// <param name="compatible">Whether compatibility decompositions count: NFKD and NFKC.</param>
/// <param name="compose">Whether characters are composed again: NFC and NFKC.</param>
internal sealed class UnicodeForm(bool compatible, bool compose) : TextNormalizer
{
    private const int FirstSyllable = 0xAC00;
    private const int Syllables = 11172;
    private const int FirstL = 0x1100;
    private const int FirstV = 0x1161;
    private const int FirstT = 0x11A7;
    private const int Ls = 19;
    private const int Vs = 21;
    private const int Ts = 28;

    private readonly record struct Mark(int CodePoint, int Change, int Class);

    /// <inheritdoc/>
    public override AlignedText Apply(AlignedText text)
    {
        // Below these, every character is its own normal form.
        char first = compatible ? '\u00A0' : compose ? '\u0300' : '\u00C0';
        bool plain = true;
        foreach (char c in text.Chars) plain &= c < first;
        if (plain) return text;

        List<Mark> marks = new(text.Length + 8);
        for (int i = 0; i < text.Length;)
        {
            int c = text.CodePointAt(i, out int length);
            Decompose(c, marks);
            i += length;
        }

        Order(marks);
        if (compose) Compose(marks);
        AlignedText result = text.Empty();
        TextTransform transform = new(text, 0, text.Length, result);
        foreach (Mark mark in marks) transform.Write(mark.CodePoint, mark.Change);
        return result;
    }

    private void Decompose(int c, List<Mark> marks)
    {
        if (c is >= FirstSyllable and < FirstSyllable + Syllables)
        {
            int index = c - FirstSyllable;
            marks.Add(new Mark(FirstL + (index / (Vs * Ts)), 0, 0));
            marks.Add(new Mark(FirstV + (index % (Vs * Ts) / Ts), 1, 0));
            if (index % Ts > 0) marks.Add(new Mark(FirstT + (index % Ts), 1, 0));
            return;
        }

        if (Characters.Decomposition(c, compatible) is not { } parts)
        {
            marks.Add(new Mark(c, 0, Characters.CombiningClass(c)));
            return;
        }

        for (int i = 0; i < parts.Length; i++) marks.Add(new Mark(parts[i], i == 0 ? 0 : 1, Characters.CombiningClass(parts[i])));
    }

    private static void Order(List<Mark> marks)
    {
        for (int i = 0; i < marks.Count; i++)
        {
            if (marks[i].Class == 0) continue;
            int end = i;
            bool ordered = true;
            for (; end < marks.Count && marks[end].Class != 0; end++) ordered &= end == i || marks[end - 1].Class <= marks[end].Class;
            if (!ordered)
            {
                Mark[] run = [.. marks.GetRange(i, end - i).OrderBy(static m => m.Class)];
                for (int k = 0; k < run.Length; k++) marks[i + k] = run[k];
            }

            i = end;
        }
    }

    private static void Compose(List<Mark> marks)
    {
        int starter = -1, kept = 0, last = 0;
        for (int i = 0; i < marks.Count; i++)
        {
            Mark mark = marks[i];
            bool blocked = kept - 1 > starter && last >= mark.Class;
            if (starter >= 0 && !blocked && Pair(marks[starter].CodePoint, mark.CodePoint) is >= 0 and int composed)
            {
                marks[starter] = new Mark(composed, marks[starter].Change + mark.Change - 1, 0);
                continue;
            }

            if (mark.Class == 0) starter = kept;
            last = mark.Class;
            marks[kept++] = mark;
        }

        marks.RemoveRange(kept, marks.Count - kept);
    }

    private static int Pair(int first, int second)
    {
        if (first is >= FirstL and < FirstL + Ls && second is >= FirstV and < FirstV + Vs)
            return FirstSyllable + ((((first - FirstL) * Vs) + (second - FirstV)) * Ts);
        if (first is >= FirstSyllable and < FirstSyllable + Syllables && (first - FirstSyllable) % Ts == 0
            && second is > FirstT and < FirstT + Ts)
            return first + (second - FirstT);
        return Characters.Composition(first, second);
    }
}
