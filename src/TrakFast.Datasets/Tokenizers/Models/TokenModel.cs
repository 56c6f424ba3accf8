using System.Collections.Concurrent;

namespace TrakFast.Datasets;

/// <summary>Divides words into tokens. What short words become is remembered.</summary>
/// <param name="vocabulary">The tokens.</param>
internal abstract class TokenModel(Vocabulary vocabulary)
{
    private const int LongestRemembered = 128;
    private const int MostRemembered = 100_000;

    private readonly ConcurrentDictionary<string, ModelToken[]> _remembered = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>The tokens.</summary>
    public Vocabulary Vocabulary => vocabulary;

    /// <summary>Name of the kind.</summary>
    public abstract string Kind { get; }

    /// <summary>Adds the tokens of a word that is not empty.</summary>
    /// <exception cref="InputException">A part has no token, and the model has none for unknown parts.</exception>
    public void Tokenize(ReadOnlySpan<char> word, List<ModelToken> tokens)
    {
        if (word.Length > LongestRemembered)
        {
            Divide(word, tokens);
            return;
        }

        ConcurrentDictionary<string, ModelToken[]>.AlternateLookup<ReadOnlySpan<char>> lookup =
            _remembered.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(word, out ModelToken[]? known))
        {
            int before = tokens.Count;
            Divide(word, tokens);
            if (Volatile.Read(ref _count) >= MostRemembered) return;
            Interlocked.Increment(ref _count);
            lookup[word] = [.. tokens.GetRange(before, tokens.Count - before)];
            return;
        }

        tokens.AddRange(known);
    }

    /// <summary>Adds the tokens of a word.</summary>
    protected abstract void Divide(ReadOnlySpan<char> word, List<ModelToken> tokens);

    /// <summary>The number of the token for unknown parts.</summary>
    /// <param name="unknown">Its text; null where the model has none.</param>
    /// <param name="part">The unknown part.</param>
    protected int Unknown(string? unknown, ReadOnlySpan<char> part) =>
        unknown is not null && Vocabulary.IdOf(unknown) is { } id
            ? id
            : throw new InputException(
                $"{TokenizerText.Quote(part.ToString())} is not in the tokenizer's vocabulary, and neither is "
                + $"{(unknown is null ? "a token for unknown parts" : TokenizerText.Quote(unknown))}.");

    /// <summary>The tokens of the bytes of a text, &lt;0x00&gt; to &lt;0xFF&gt;; null where one is missing.</summary>
    protected int[]? ByteTokens(ReadOnlySpan<char> text)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text.ToString());
        int[] ids = new int[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (!Vocabulary.TryGetId($"<0x{bytes[i]:X2}>", out int id)) return null;
            ids[i] = id;
        }

        return ids;
    }
}
