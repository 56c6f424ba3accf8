namespace TrakFast.Datasets;

/// <summary>Splits where the script changes; kana go with Han, spaces and characters without a script with anything.</summary>
internal sealed class ScriptSplit : PreTokenizer
{
    private const int Any = 0;
    private static readonly int Han = Number("Han");
    private static readonly int Hiragana = Number("Hiragana");
    private static readonly int Katakana = Number("Katakana");

    /// <inheritdoc/>
    public override List<TextPiece> Apply(List<TextPiece> pieces)
    {
        List<TextPiece> result = new(pieces.Count);
        foreach (TextPiece piece in pieces)
        {
            if (piece.Token >= 0)
            {
                result.Add(piece);
                continue;
            }

            // −1 until a character has a script. What stands before the first split is left out, as by the library.
            int last = -1, start = -1;
            ReadOnlySpan<char> chars = piece.Chars;
            for (int i = 0; i < chars.Length;)
            {
                int script = Of(CodePoints.At(chars, i, out int length));
                if (script != Any && last != script)
                {
                    if (start >= 0 && i > start) result.Add(piece with { Start = piece.Start + start, Length = i - start });
                    start = i;
                }

                if (script != Any) last = script;
                i += length;
            }

            if (start >= 0) result.Add(piece with { Start = piece.Start + start, Length = chars.Length - start });
        }

        return result;
    }

    private static int Of(int c)
    {
        if (c == 0x30FC) return Han;
        if (c == ' ') return Any;
        int script = Characters.SplitScript(c);
        return script == Hiragana || script == Katakana ? Han : script;
    }

    private static int Number(string name) => Characters.ScriptNames.ToList().IndexOf(name) + 1;
}
