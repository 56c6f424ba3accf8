namespace TrakFast.Datasets;

/// <summary>Where a Metaspace pre-tokenizer puts its mark before a piece that does not begin with one.</summary>
internal enum PrependScheme
{
    /// <summary>Before every piece.</summary>
    Always,

    /// <summary>Before the piece at the text's beginning.</summary>
    First,

    /// <summary>Nowhere.</summary>
    Never,
}

/// <summary>Writes spaces as a visible mark and splits before each.</summary>
/// <param name="mark">The mark, usually ▁: one code point.</param>
/// <param name="scheme">Where a mark is put before.</param>
/// <param name="split">Whether there is splitting.</param>
internal sealed class MetaspaceSplit(int mark, PrependScheme scheme, bool split) : PreTokenizer
{
    private readonly string _mark = CodePoints.Text(mark);
    private readonly PatternSplit _words = new(new CharacterPattern(c => c == mark), SplitBehavior.MergedWithNext);

    /// <inheritdoc/>
    public override List<TextPiece> Apply(List<TextPiece> pieces)
    {
        List<TextPiece> result = new(pieces.Count);
        foreach (TextPiece given in pieces)
        {
            if (given.Token >= 0)
            {
                result.Add(given);
                continue;
            }

            TextPiece piece = given.Length == 0 ? given : Marked(given);
            if (split) _words.Split(piece, result);
            else if (piece.Length > 0) result.Add(piece);
        }

        return result;
    }

    private TextPiece Marked(TextPiece piece)
    {
        AlignedText source = piece.Text, text = source.Empty();
        bool begins = piece.Chars.StartsWith(_mark, StringComparison.Ordinal) || piece.Chars[0] == ' ';
        if (!begins && (scheme == PrependScheme.Always || (scheme == PrependScheme.First && source.StartOf(piece.Start) == 0)))
            text.Append(_mark, source.StartOf(piece.Start), source.EndOf(piece.Start));
        for (int i = piece.Start; i < piece.Start + piece.Length; i++)
        {
            char c = source.Chars[i];
            if (c == ' ') text.Append(_mark, source.StartOf(i), source.EndOf(i));
            else text.Append(c, source.StartOf(i), source.EndOf(i));
        }

        return new TextPiece(text, 0, text.Length);
    }
}
