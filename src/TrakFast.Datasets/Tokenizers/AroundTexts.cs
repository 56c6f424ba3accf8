namespace TrakFast.Datasets;

/// <summary>What goes around the tokens of a tokenizer that says nothing of it itself.</summary>
public sealed record AroundTexts
{
    /// <summary>Tokens before the first text: [CLS] or &lt;s&gt;.</summary>
    public IReadOnlyList<int> Before { get; init; } = [];

    /// <summary>Tokens between the texts of a pair.</summary>
    public IReadOnlyList<int> Between { get; init; } = [];

    /// <summary>Tokens after the last text: [SEP] or &lt;/s&gt;.</summary>
    public IReadOnlyList<int> After { get; init; } = [];

    /// <summary>Type of the second text and of what follows it.</summary>
    public int SecondTypeId { get; init; } = 1;

    /// <summary>The token that fills up; null where there is none.</summary>
    public int? PadId { get; init; }

    /// <summary>Number of tokens of the vocabulary, 0 where it is not known.</summary>
    public int VocabularySize { get; init; }

    /// <summary>Number of tokens that the model takes at most; null without bound.</summary>
    public int? ModelMaxLength { get; init; }

    internal PostProcessor Processor => new TemplateProcessor(
        [new(-1, Before, 0), new(0, [], 0), new(-1, After, 0)],
        [new(-1, Before, 0), new(0, [], 0), new(-1, Between, 0), new(1, [], SecondTypeId), new(-1, After, SecondTypeId)]);
}
