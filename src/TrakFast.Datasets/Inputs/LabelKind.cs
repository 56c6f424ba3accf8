namespace TrakFast.Datasets;

/// <summary>What a task reads beside what the model reads.</summary>
public enum LabelKind
{
    /// <summary>Nothing: contrastive tasks and language models take all from the inputs.</summary>
    None,

    /// <summary>A class for each example.</summary>
    Classes,

    /// <summary>One or more numbers for each example.</summary>
    Values,
}
