namespace TrakFast.Datasets;

/// <summary>How a byte-pair encoding treats what it does not know.</summary>
/// <param name="Unknown">The token for unknown characters; null drops them.</param>
/// <param name="FuseUnknown">Whether unknown characters that follow each other are one token.</param>
/// <param name="Prefix">What characters begin with that do not begin a word.</param>
/// <param name="Suffix">What the last character of a word ends with.</param>
/// <param name="ByteFallback">Whether unknown characters become their bytes.</param>
/// <param name="IgnoreMerges">Whether a word that is a token stays one, whatever merges lead to.</param>
internal sealed record BpeOptions(
    string? Unknown, bool FuseUnknown, string? Prefix, string? Suffix, bool ByteFallback, bool IgnoreMerges);

/// <summary>Byte-pair encoding: a word's characters are merged pair by pair.</summary>
internal sealed class BpeModel(Vocabulary vocabulary, BpeMerges merges, BpeOptions options) : TokenModel(vocabulary)
{
    /// <inheritdoc/>
    public override string Kind => "BPE";

    /// <inheritdoc/>
    protected override void Divide(ReadOnlySpan<char> word, List<ModelToken> tokens)
    {
        if (options.IgnoreMerges && Vocabulary.TryGetId(word, out int whole))
        {
            tokens.Add(new ModelToken(whole, 0, word.Length));
            return;
        }

        MergeQueue queue = new();
        int unknown = -1, unknownStart = 0, unknownEnd = 0;
        for (int i = 0; i < word.Length;)
        {
            CodePoints.At(word, i, out int length);
            int start = i;
            i += length;
            ReadOnlySpan<char> symbol = word.Slice(start, length);
            if ((start > 0 && options.Prefix is not null) || (i == word.Length && options.Suffix is not null))
                symbol = string.Concat(start > 0 ? options.Prefix : null, symbol, i == word.Length ? options.Suffix : null);
            if (Vocabulary.TryGetId(symbol, out int id))
            {
                Flush();
                queue.Add(id, start, i);
                continue;
            }

            // The library adds bytes at once, even where an unknown character before them is still to be added.
            if (options.ByteFallback && ByteTokens(symbol) is { } bytes)
            {
                foreach (int b in bytes) queue.Add(b, start, i);
                continue;
            }

            if (options.Unknown is null) continue;
            if (unknown >= 0 && !options.FuseUnknown) Flush();
            if (unknown < 0) (unknown, unknownStart) = (Unknown(options.Unknown, symbol), start);
            unknownEnd = i;
        }

        Flush();
        queue.Run(merges, tokens);

        void Flush()
        {
            if (unknown >= 0) queue.Add(unknown, unknownStart, unknownEnd);
            unknown = -1;
        }
    }
}
