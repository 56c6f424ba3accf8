namespace TrakFast.Datasets;

/// <summary>Splits at what a pattern matches.</summary>
/// <param name="pattern">The pattern.</param>
/// <param name="behavior">What becomes of its matches.</param>
/// <param name="invert">Whether what lies between the matches counts as the matches instead.</param>
internal sealed class PatternSplit(TextPattern pattern, SplitBehavior behavior, bool invert = false) : PreTokenizer
{
    /// <inheritdoc/>
    public override List<TextPiece> Apply(List<TextPiece> pieces)
    {
        List<TextPiece> result = new(pieces.Count);
        foreach (TextPiece piece in pieces)
        {
            if (piece.Token >= 0) result.Add(piece);
            else Split(piece, result);
        }

        return result;
    }

    /// <summary>Splits one piece.</summary>
    public void Split(TextPiece piece, List<TextPiece> result)
    {
        // Where the last piece began, and whether the part before was a match.
        List<TextMatch> parts = pattern.Find(piece.Chars);
        int open = -1, end = 0;
        bool previous = false;
        switch (behavior)
        {
            case SplitBehavior.Removed or SplitBehavior.Isolated:
                foreach (TextMatch part in parts)
                    if (behavior == SplitBehavior.Isolated || part.IsMatch == invert) Add(part.Start, part.End);
                return;
            case SplitBehavior.MergedWithNext:
                MergeWithNext(parts, Add);
                return;
            default:
                foreach (TextMatch part in parts)
                {
                    bool match = part.IsMatch != invert;
                    bool joins = behavior == SplitBehavior.Contiguous ? match == previous : match && !previous;
                    if (!joins || open < 0)
                    {
                        if (open >= 0) Add(open, end);
                        open = part.Start;
                    }

                    end = part.End;
                    previous = match;
                }

                if (open >= 0) Add(open, end);
                return;
        }

        void Add(int start, int stop)
        {
            if (stop > start) result.Add(piece with { Start = piece.Start + start, Length = stop - start });
        }
    }

    private void MergeWithNext(List<TextMatch> parts, Action<int, int> add)
    {
        List<(int Start, int End)> merged = [];
        bool previous = false;
        for (int i = parts.Count - 1; i >= 0; i--)
        {
            bool match = parts[i].IsMatch != invert;
            if (match && !previous && merged.Count > 0) merged[^1] = (parts[i].Start, merged[^1].End);
            else merged.Add((parts[i].Start, parts[i].End));
            previous = match;
        }

        for (int i = merged.Count - 1; i >= 0; i--) add(merged[i].Start, merged[i].End);
    }
}
