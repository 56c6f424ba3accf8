namespace TrakFast.Datasets;

/// <summary>What of a tokenized text an array holds.</summary>
public enum TokenPart
{
    /// <summary>The tokens' ids.</summary>
    Tokens,

    /// <summary>1 for a token, 0 for padding.</summary>
    Mask,

    /// <summary>0 for the first text of a pair, 1 for the second.</summary>
    Types,

    /// <summary>0, 1, 2, … for tokens, however much padding goes before them; 1 for padding on the left and 0 on the right.</summary>
    Positions,

    /// <summary>The tokens' ids where they are to be predicted, and −100 for padding.</summary>
    Labels,
}
