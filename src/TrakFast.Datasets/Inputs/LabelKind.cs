namespace TrakFast.Datasets;

/// <summary>What a task reads beside what the model reads.</summary>
public enum LabelKind
{
    /// <summary>Nothing: a contrastive task takes all from the inputs.</summary>
    None,

    /// <summary>The tokens themselves, and which of them are padding.</summary>
    Tokens,

    /// <summary>A class for each example.</summary>
    Classes,

    /// <summary>One or more numbers for each example.</summary>
    Values,
}
