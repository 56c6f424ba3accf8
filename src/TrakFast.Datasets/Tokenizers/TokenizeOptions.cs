namespace TrakFast.Datasets;

/// <summary>An end of a text.</summary>
public enum TextSide
{
    /// <summary>The end.</summary>
    Right,

    /// <summary>The beginning.</summary>
    Left,
}

/// <summary>Which of two texts loses tokens when both together are too long.</summary>
public enum TextTruncation
{
    /// <summary>The longer one until both are equally long, then both.</summary>
    LongestFirst,

    /// <summary>The first.</summary>
    OnlyFirst,

    /// <summary>The second.</summary>
    OnlySecond,
}

/// <summary>What sequences are filled up to.</summary>
public enum TextPadding
{
    /// <summary>Nothing; a batch of several lengths is refused.</summary>
    None,

    /// <summary>The longest of the batch.</summary>
    Longest,

    /// <summary><see cref="TokenizeOptions.PaddedLength"/>, or <see cref="TokenizeOptions.MaxLength"/> where that is null.</summary>
    Fixed,
}

/// <summary>How texts become sequences of tokens.</summary>
public sealed record TokenizeOptions
{
    /// <summary>Whether the tokens that the model wants around texts are added ([CLS], [SEP], &lt;s&gt; …).</summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>Number of tokens that a sequence may have, those that are added included; null without bound.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Which of two texts loses tokens.</summary>
    public TextTruncation Truncation { get; init; }

    /// <summary>The end at which tokens are lost.</summary>
    public TextSide TruncationSide { get; init; }

    /// <summary>What sequences are filled up to.</summary>
    public TextPadding Padding { get; init; }

    /// <summary>Number of tokens that sequences are filled up to.</summary>
    public int? PaddedLength { get; init; }

    /// <summary>What the number of tokens of filled sequences must be a multiple of; null for any.</summary>
    public int? PaddedMultiple { get; init; }

    /// <summary>The end at which sequences are filled up.</summary>
    public TextSide PaddingSide { get; init; }
}
