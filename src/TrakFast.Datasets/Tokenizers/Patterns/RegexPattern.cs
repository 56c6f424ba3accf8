namespace TrakFast.Datasets;

/// <summary>A regular expression.</summary>
internal sealed class RegexPattern : TextPattern
{
    private readonly string _pattern;
    private readonly RegexProgram _program;

    /// <summary>Compiles an expression in Oniguruma's syntax.</summary>
    /// <exception cref="InputException">It is not one, or has what is not supported.</exception>
    public RegexPattern(string pattern)
    {
        _pattern = pattern;
        _program = RegexCompiler.Compile(RegexParser.Parse(pattern));
    }

    /// <inheritdoc/>
    public override List<TextMatch> Find(ReadOnlySpan<char> text)
    {
        List<TextMatch> result = new((text.Length / 4) + 1);
        RegexRun run = new(_pattern);
        int previous = 0, lastMatch = -1;
        for (int at = 0; at <= text.Length;)
        {
            int end = _program.Match(text, at, run);
            if (end < 0 || (end == at && at == lastMatch))
            {
                at += at < text.Length && char.IsHighSurrogate(text[at]) ? 2 : 1;
                continue;
            }

            if (previous < at) result.Add(new TextMatch(previous, at, false));
            result.Add(new TextMatch(at, end, true));
            previous = lastMatch = at = end;
        }

        if (previous < text.Length) result.Add(new TextMatch(previous, text.Length, false));
        return result;
    }
}
