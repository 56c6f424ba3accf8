namespace TrakFast.Datasets;

/// <summary>How rows become what a model reads, as far as it is not worked out.</summary>
public sealed record DataOptions
{
    /// <summary>
    /// Columns by role (<c>text</c>, <c>text2</c>, <c>image</c>, <c>messages</c>, <c>label</c>) or by an input of the model.
    /// </summary>
    /// <value>Found by their names and values by default.</value>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Columns { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>
    /// What goes to an input of the model: <c>image</c>, <c>tokens</c>, <c>mask</c>, <c>types</c>, <c>positions</c>, or columns of numbers
    /// joined by <c>+</c>.
    /// </summary>
    /// <value>Worked out from the inputs' names and shapes by default.</value>
    public IReadOnlyDictionary<string, string> Inputs { get; init; } = new Dictionary<string, string>();

    /// <summary>How pictures are prepared.</summary>
    /// <value>As they are, divided by 255, by default.</value>
    public PicturePreprocessing? Pictures { get; init; }

    /// <summary>Whether pictures are turned as their EXIF data say.</summary>
    /// <value>True by default, as Hugging Face's datasets do; torchvision does not.</value>
    public bool Upright { get; init; } = true;

    /// <summary>Turns texts into tokens.</summary>
    public TextTokenizer? Tokenizer { get; init; }

    /// <summary>Tokens that a text is cut to.</summary>
    /// <value>The model's own length by default, or the tokenizer's, and 512 where neither says.</value>
    public int? MaxLength { get; init; }

    /// <summary>Writes chats as text.</summary>
    /// <value>ChatML by default.</value>
    public ChatTemplate Chat { get; init; } = ChatTemplate.Default;

    /// <summary>The classes' names in the order of their numbers.</summary>
    /// <value>Those in the data by default, or the labels' words in ordinal order.</value>
    public IReadOnlyList<string>? LabelNames { get; init; }

    /// <summary>The array of labels that the task reads.</summary>
    public string LabelArray { get; init; } = "label";
}
