using TrakFast.Cli.Data;
using TrakFast.Cli.Report.Content;
using TrakFast.Datasets;
using Picture = TrakFast.Cli.Report.Pictures.Picture;

namespace TrakFast.Cli.Report;

/// <summary>Reads single rows of what people had: the original pictures and texts, and labels in words.</summary>
/// <param name="train">The training examples' rows.</param>
/// <param name="targets">The targets' rows.</param>
internal sealed class RowExampleReader(RowView train, RowView targets) : ExampleReader
{
    // The widest a picture is ever drawn, in pixels of a sharp screen.
    private const int MostPixels = 256;

    /// <inheritdoc/>
    public override long TrainCount => train.Source.Count;

    /// <inheritdoc/>
    public override long TargetCount => targets.Source.Count;

    /// <inheritdoc/>
    public override string LabelName(long label) => train.ClassName(label);

    /// <inheritdoc/>
    public override ShownExample Train(long index) => Shown(train, index);

    /// <inheritdoc/>
    public override ShownExample Target(long index) => Shown(targets, index);

    private static ShownExample Shown(RowView view, long index)
    {
        ShownRow row = view.Read(index);
        List<NamedContent> parts = [];
        if (row.Picture is { } picture)
            parts.Add(new NamedContent("image",
                new PictureContent(new Picture(picture.Width, picture.Height, 3, picture.Pixels.ToArray()).Shrink(MostPixels))));
        if (row.Text is { } text) parts.Add(new NamedContent("text", new TextContent(text)));
        if (row.Pair is { } pair) parts.Add(new NamedContent("text2", new TextContent(pair)));
        if (parts.Count == 0) parts.Add(new NamedContent("row", new TextContent(RowValues.Text(view.Source, index))));
        return new ShownExample(parts.Count == 1 ? parts[0].Content : new CombinedContent(parts), row.Label);
    }
}
