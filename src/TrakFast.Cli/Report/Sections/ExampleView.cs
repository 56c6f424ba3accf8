using TrakFast.Cli.Report.Charts;
using TrakFast.Cli.Report.Html;
using TrakFast.Cli.Report.Pictures;

namespace TrakFast.Cli.Report.Sections;

/// <summary>An example as the reader sees it: picture or text, small or large, with or without a score.</summary>
internal static class ExampleView
{
    // Longer texts are folded behind their beginning.
    private const int LongText = 420;

    // Pictures this wide or narrower are enlarged with hard pixel edges; smoothing would only blur them.
    private const int CoarsePicture = 96;

    /// <summary>The picture at the size of a line of text; nothing for a text.</summary>
    public static Markup Thumbnail(ExampleContent content) => content is PictureContent picture
        ? Image(picture.Picture, "thumbnail", string.Empty)
        : Markup.Empty;

    /// <summary>A target at full size.</summary>
    public static Markup Large(TargetReport target) => target.Content switch
    {
        PictureContent picture => Image(picture.Picture, "large", target.Label is null ? $"Picture of target {target.Index}" : $"Picture of target {target.Index}, labelled {target.Label}"),
        TextContent text => Text(text.Text),
        _ => Markup.Empty,
    };

    /// <summary>A training example with its score.</summary>
    /// <param name="example">The example.</param>
    /// <param name="kind">"proponent" or "opponent".</param>
    /// <param name="greatest">Size of the greatest score shown beside it, for the length of its bar.</param>
    public static Markup Scored(ScoredExample example, string kind, double greatest)
    {
        string share = Axis.Percent(greatest > 0 ? Math.Abs(example.Score) / greatest : 0);
        return Markup.Of($"""
            <li class="example {kind}{(example.Flip is null ? string.Empty : " flipped")}">
            {Content(example)}
            <svg class="meter" aria-hidden="true"><rect width="100%" height="100%"/><rect class="share" width="{share}" height="100%"/></svg>
            <p class="score">{ScoreText.Signed(example.Score)}</p>
            <p class="what">{Label(example.Label)}<span class="quiet">#{example.TrainIndex}</span></p>
            {Flip(example.Flip)}
            </li>
            """);
    }

    private static Markup Content(ScoredExample example) => example.Content switch
    {
        PictureContent picture => Image(picture.Picture, "tile", example.Label is null ? $"Training example {example.TrainIndex}" : $"Training example {example.TrainIndex}, labelled {example.Label}"),
        TextContent text => Text(text.Text),
        _ => Markup.Empty,
    };

    private static Markup Label(string? label) => label is null ? Markup.Empty : Markup.Of($"""<b>{label}</b> """);

    private static Markup Flip(LabelFlip? flip) => flip is null
        ? Markup.Empty
        : Markup.Of($"""<p class="flip"><span aria-hidden="true">⚑</span><span class="hidden">label flipped: </span> {flip.Was} → {flip.Now}</p>""");

    private static Markup Image(Picture picture, string style, string description) => Markup.Of(
        $"""<img class="{style}{(Math.Max(picture.Width, picture.Height) <= CoarsePicture ? " coarse" : string.Empty)}" src="{PngEncoder.DataUri(picture)}" width="{picture.Width}" height="{picture.Height}" alt="{description}">""");

    private static Markup Text(string text) => text.Length <= LongText
        ? Markup.Of($"""<p class="text">{text}</p>""")
        : Markup.Of($"""<details class="text"><summary>{Beginning(text)}…</summary><p>{text}</p></details>""");

    // Never cut between the halves of a character.
    private static string Beginning(string text) => text[..(char.IsHighSurrogate(text[LongText - 1]) ? LongText - 1 : LongText)];
}
