using TrakFast.Cli.Vocabularies;
using TrakFast.Datasets;

namespace TrakFast.Cli.Examples;

/// <summary>Rows of what people had as one line of text: the text, or else where the row stands.</summary>
/// <param name="train">The training examples' rows.</param>
/// <param name="targets">The targets' rows, or null.</param>
internal sealed class RowTexts(RowView train, RowView? targets) : TopTexts
{
    // Enough for the widest terminal; the console cuts to its own width.
    private const int MostCharacters = 1000;

    /// <inheritdoc/>
    public override bool HasLabels => train.HasLabels;

    /// <inheritdoc/>
    public override (string Label, string Text) Train(long index) => Read(train, index);

    /// <inheritdoc/>
    public override (string Label, string Text)? Target(long index) => targets is null ? null : Read(targets, index);

    private static (string Label, string Text) Read(RowView view, long index)
    {
        ShownRow row = view.Read(index, withPicture: false);
        string text = row.Text is null ? view.HasPictures ? view.Source.Where(index) : Data.RowValues.Text(view.Source, index)
            : row.Pair is null ? row.Text : $"{row.Text} · {row.Pair}";
        return (row.Label ?? string.Empty, VisibleText.OnOneLine(text.Length > MostCharacters ? text[..MostCharacters] : text));
    }
}
