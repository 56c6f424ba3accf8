using TrakFast.Cli.Formatting;
using TrakFast.Cli.Report.Html;
using TrakFast.Cli.Vocabularies;

namespace TrakFast.Cli.Report.Sections;

/// <summary>
/// A text of any length and direction: the first strong character decides the direction, as readers of its language
/// expect, and a long text is folded behind its beginning.
/// </summary>
internal static class TextView
{
    /// <summary>Characters that a text beside a score shows before it is folded.</summary>
    public const int Long = 420;

    /// <summary>Characters that a caption under a picture shows before it is folded.</summary>
    public const int LongCaption = 110;

    /// <summary>A text as it is.</summary>
    public static Markup Write(string text, int limit) => Write(new TokenText([new TextRun(RunKind.Text, text)], 0), limit);

    /// <summary>A text of tokens.</summary>
    public static Markup Write(TokenText text, int limit)
    {
        if (text.Runs.Count == 0) return Markup.Of($"""<p class="text quiet">no tokens</p>""");
        if (text.Runs.Sum(static r => r.Text.Length) <= limit) return Markup.Of($"""<p class="text" dir="auto">{Whole(text)}</p>""");
        return Markup.Of($"""<details class="text"><summary><span class="beginning" dir="auto">{Runs(Beginning(text.Runs, limit))} …</span><span class="more">Show all</span><span class="less">Show less</span></summary><p dir="auto">{Whole(text)}</p></details>""");
    }

    /// <summary>The first words on one line; nothing of a text without any.</summary>
    /// <param name="line">The text on one line.</param>
    /// <param name="length">Most characters.</param>
    public static Markup Excerpt(string line, int length) => line.Length == 0
        ? Markup.Empty
        : Markup.Of($"""<span class="excerpt" dir="auto">{(line.Length > length ? Cut(line, length) + "…" : line)}</span>""");

    private static Markup Whole(TokenText text) => text.Omitted == 0
        ? Markup.Join(Runs(text.Runs))
        : Markup.Of($"""{Runs(text.Runs)} <bdi class="special">… {ScoreText.Count(text.Omitted)} more tokens</bdi>""");

    // A blank between runs is a place to break the line, and keeps words apart when the text is copied.
    private static IEnumerable<Markup> Runs(IReadOnlyList<TextRun> runs) => runs.Select(static (run, i) => run.Kind switch
    {
        RunKind.Special => Markup.Of($"""{Gap(i)}<bdi class="special">{run.Text}</bdi>"""),
        RunKind.Unknown => Markup.Of($"""{Gap(i)}<bdi class="no-token" title="The vocabulary has no token of this id.">{run.Text}</bdi>"""),
        _ => Markup.Of($"{Gap(i)}{run.Text}"),
    });

    private static string Gap(int run) => run == 0 ? string.Empty : " ";

    private static List<TextRun> Beginning(IReadOnlyList<TextRun> runs, int limit)
    {
        List<TextRun> beginning = [];
        foreach (TextRun run in runs)
        {
            beginning.Add(run.Text.Length <= limit ? run : run with { Text = Cut(run.Text, limit) });
            limit -= run.Text.Length;
            if (limit <= 0) break;
        }

        return beginning;
    }

    // Before a blank where one is near, and never between the halves of a character.
    private static string Cut(string text, int length)
    {
        int blank = text.LastIndexOf(' ', length - 1, Math.Min(length, 24));
        if (blank > 0) length = blank;
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }
}
