namespace TrakFast.Datasets;

/// <summary>Brings a text into the form that a tokenizer's vocabulary is written in.</summary>
internal abstract class TextNormalizer
{
    /// <summary>The normal form, or the text itself where nothing changes.</summary>
    public abstract AlignedText Apply(AlignedText text);

    /// <summary>The normal form of a string.</summary>
    public string Apply(string text) => Apply(AlignedText.Of(text)).ToString();
}
