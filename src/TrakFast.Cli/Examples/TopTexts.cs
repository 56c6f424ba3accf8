namespace TrakFast.Cli.Examples;

/// <summary>Examples as one line of text, for tables on the console.</summary>
internal abstract class TopTexts
{
    /// <summary>Whether training examples have labels.</summary>
    public abstract bool HasLabels { get; }

    /// <summary>Sentences on what was shown otherwise than asked, among the examples read so far.</summary>
    public virtual IEnumerable<string> Warnings => [];

    /// <summary>A training example's label and text.</summary>
    public abstract (string Label, string Text) Train(long index);

    /// <summary>A target's label and text; null where the targets are not known.</summary>
    public abstract (string Label, string Text)? Target(long index);
}
