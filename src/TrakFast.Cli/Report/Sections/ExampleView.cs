using TrakFast.Cli.Formatting;
using TrakFast.Cli.Report.Charts;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Html;
using TrakFast.Cli.Report.Pictures;
using TrakFast.Cli.Vocabularies;

namespace TrakFast.Cli.Report.Sections;

/// <summary>An example as the reader sees it: picture or text, small or large, with or without a score.</summary>
internal static class ExampleView
{
    // Pictures this wide or narrower are enlarged with hard pixel edges; smoothing would only blur them.
    private const int CoarsePicture = 96;

    // Characters of a text that stand for it where only a line is free.
    private const int ExcerptLength = 72;

    /// <summary>The picture of an example, the first where it has several; null for a text.</summary>
    public static Picture? PictureOf(ExampleContent content) => content switch
    {
        PictureContent picture => picture.Picture,
        CombinedContent combined => combined.Parts.Select(static p => PictureOf(p.Content)).FirstOrDefault(static p => p is not null),
        _ => null,
    };

    /// <summary>Whether an example has a text, alone or with a picture.</summary>
    public static bool HasText(ExampleContent content) => content switch
    {
        PictureContent => false,
        CombinedContent combined => combined.Parts.Any(static p => HasText(p.Content)),
        _ => true,
    };

    /// <summary>The picture at the size of a line of text; nothing for a text.</summary>
    public static Markup Thumbnail(ExampleContent content) => PictureOf(content) is { } picture
        ? Image(picture, "thumbnail", string.Empty)
        : Markup.Empty;

    /// <summary>The beginning of an example's text on one line; nothing for a picture.</summary>
    public static Markup Excerpt(ExampleContent content) => TextView.Excerpt(Line(content), ExcerptLength);

    /// <summary>A target at full size.</summary>
    public static Markup Large(TargetReport target) =>
        Content(
            target.Content,
            "large",
            target.Label is null ? $"Picture of target {target.Index}" : $"Picture of target {target.Index}, labeled {target.Label}",
            TextView.Long);

    /// <summary>A training example with its score.</summary>
    /// <param name="example">The example.</param>
    /// <param name="kind">"proponent" or "opponent".</param>
    /// <param name="greatest">Size of the greatest score shown beside it, for the length of its bar.</param>
    public static Markup Scored(ScoredExample example, string kind, double greatest)
    {
        string share = Axis.Percent(greatest > 0 ? Math.Abs(example.Score) / greatest : 0);
        return Markup.Of($"""
            <li class="example {kind}{(example.Flip is null ? string.Empty : " flipped")}">
            {Content(example.Content, "tile", Described(example), PictureOf(example.Content) is null ? TextView.Long : TextView.LongCaption)}
            <svg class="meter" aria-hidden="true"><rect width="100%" height="100%"/><rect class="share" width="{share}" height="100%"/></svg>
            <p class="score">{ScoreText.Signed(example.Score)}</p>
            <p class="what">{Label(example.Label)}<span class="quiet">#{example.TrainIndex}</span></p>
            {Flip(example.Flip)}
            </li>
            """);
    }

    private static string Described(ScoredExample example) =>
        example.Label is null
            ? $"Training example {example.TrainIndex}"
            : $"Training example {example.TrainIndex}, labeled {example.Label}";

    private static Markup Content(ExampleContent content, string style, string description, int limit) => content switch
    {
        PictureContent picture => Image(picture.Picture, style, description),
        TextContent text => TextView.Write(text.Text, limit),
        TokenContent tokens => TextView.Write(tokens.Text, limit),
        CombinedContent combined => Markup.Of($"""<div class="parts">{Parts(combined.Parts, style, description, limit)}</div>"""),
        _ => Markup.Empty,
    };

    // Pictures first, each text below; names only where a reader could not tell which is which.
    private static IEnumerable<Markup> Parts(IReadOnlyList<NamedContent> parts, string style, string description, int limit)
    {
        int texts = parts.Count(static p => HasText(p.Content)), pictures = parts.Count - texts;
        foreach (NamedContent part in parts.OrderBy(static p => HasText(p.Content)))
        {
            if ((HasText(part.Content) ? texts : pictures) > 1)
                yield return Markup.Of($"""<p class="part quiet"><bdi>{part.Name}</bdi></p>""");
            yield return Content(part.Content, style, description, limit);
        }
    }

    private static string Line(ExampleContent content) => content switch
    {
        TextContent text => VisibleText.OnOneLine(text.Text),
        TokenContent tokens => tokens.Text.ToLine(),
        CombinedContent combined =>
            combined.Parts.Select(static p => Line(p.Content)).FirstOrDefault(static l => l.Length > 0) ?? string.Empty,
        _ => string.Empty,
    };

    private static Markup Label(string? label) => label is null ? Markup.Empty : Markup.Of($"""<b>{label}</b> """);

    private static Markup Flip(LabelFlip? flip) => flip is null
        ? Markup.Empty
        : Markup.Of($"""<p class="flip"><span aria-hidden="true">⚑</span><span class="hidden">label flipped: </span> {flip.Was} → {flip.Now}</p>""");

    private static Markup Image(Picture picture, string style, string description) => Markup.Of(
        $"""<img class="{style}{(Math.Max(picture.Width, picture.Height) <= CoarsePicture ? " coarse" : string.Empty)}" src="{PngEncoder.DataUri(picture)}" width="{picture.Width}" height="{picture.Height}" alt="{description}">""");
}
