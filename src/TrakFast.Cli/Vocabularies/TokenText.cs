namespace TrakFast.Cli.Vocabularies;

/// <summary>What a run of a text is.</summary>
internal enum RunKind
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A token that steers the model, such as <c>[CLS]</c>.</summary>
    Special,

    /// <summary>An id that the vocabulary does not have.</summary>
    Unknown,
}

/// <summary>A stretch of one kind.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">What is shown; control characters are visible, line feeds and tabs are themselves.</param>
internal sealed record TextRun(RunKind Kind, string Text);

/// <summary>A row of token ids as text. Rows of any length are shown; what is beyond a bound is counted.</summary>
/// <param name="Runs">Stretches in their order; runs are set off by a blank.</param>
/// <param name="Omitted">Tokens behind the last that is shown.</param>
internal sealed record TokenText(IReadOnlyList<TextRun> Runs, int Omitted)
{
    // What a reader would still scroll through; more would only make the file large.
    private const int MostTokens = 4096;

    /// <summary>
    /// Puts a row of ids into words. What opens and closes it, such as <c>[CLS]</c>, every row has; it is left out at
    /// either end and shown within.
    /// </summary>
    /// <param name="ids">Token ids without padding.</param>
    /// <param name="vocabulary">What they mean.</param>
    public static TokenText Of(IReadOnlyList<long> ids, Vocabulary vocabulary)
    {
        List<TextRun> runs = [];
        List<string> words = [];
        int first = 0, end = ids.Count;
        while (first < end && vocabulary.IsFrame(ids[first])) first++;
        while (end > first && vocabulary.IsFrame(ids[end - 1])) end--;
        int shown = Math.Min(end - first, MostTokens);
        foreach (long id in ids.Skip(first).Take(shown))
        {
            string? token = vocabulary.Find(id);
            if (token is not null && !vocabulary.IsSpecial(id))
            {
                words.Add(token);
                continue;
            }

            EndText();
            runs.Add(token is null ? new TextRun(RunKind.Unknown, $"⟨{id}⟩") : new TextRun(RunKind.Special, VisibleText.Of(token)));
        }

        EndText();
        return new TokenText(runs, end - first - shown);

        void EndText()
        {
            string text = words.Count == 0 ? string.Empty : VisibleText.Of(vocabulary.Decoder.Decode(words)).Trim(' ');
            if (text.Length > 0) runs.Add(new TextRun(RunKind.Text, text));
            words.Clear();
        }
    }

    /// <summary>The text on one line, without marks.</summary>
    public string ToLine() =>
        VisibleText.OnOneLine(string.Join(' ', Runs.Select(static r => r.Text))) + (Omitted > 0 ? " …" : string.Empty);
}
