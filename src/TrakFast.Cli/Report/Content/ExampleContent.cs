using TrakFast.Cli.Report.Pictures;
using TrakFast.Cli.Vocabularies;

namespace TrakFast.Cli.Report.Content;

/// <summary>What an example looks like in a report: a picture, a text, or several of them.</summary>
internal abstract record ExampleContent
{
    // The widest a picture is ever drawn, in pixels of a sharp screen.
    private const int MostPixels = 256;

    /// <summary>A picture when the example's shape is that of one, otherwise its values as text.</summary>
    /// <param name="example">One example, without the batch axis.</param>
    /// <param name="range">Black and white of the whole data set.</param>
    public static ExampleContent Of(DataArray example, PixelRange range) =>
        PictureReader.Read(example, range) is { } picture
            ? new PictureContent(picture.Shrink(MostPixels))
            : new TextContent(ValueText.Of(example));

    /// <summary>Row <paramref name="index"/> of a data set [n, …] as a picture or as text.</summary>
    public static ExampleContent OfRow(DataArray dataset, long index, PixelRange range) =>
        Of(dataset.Rows(index, 1).Reshape([.. dataset.Shape.Skip(1)]), range);
}

/// <summary>An example shown as a picture.</summary>
/// <param name="Picture">The picture.</param>
internal sealed record PictureContent(Picture Picture) : ExampleContent;

/// <summary>An example shown as text; it may hold anything, the report escapes it.</summary>
/// <param name="Text">The text.</param>
internal sealed record TextContent(string Text) : ExampleContent;

/// <summary>An example shown as text of its tokens.</summary>
/// <param name="Text">The text; the report escapes it.</param>
internal sealed record TokenContent(TokenText Text) : ExampleContent;

/// <summary>An example of which several arrays are shown together, as a picture and its caption.</summary>
/// <param name="Parts">What is shown, in order.</param>
internal sealed record CombinedContent(IReadOnlyList<NamedContent> Parts) : ExampleContent;

/// <summary>One array of an example.</summary>
/// <param name="Name">The array's name.</param>
/// <param name="Content">What it looks like.</param>
internal sealed record NamedContent(string Name, ExampleContent Content);
