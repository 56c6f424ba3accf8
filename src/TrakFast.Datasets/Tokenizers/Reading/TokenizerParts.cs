namespace TrakFast.Datasets;

/// <summary>What a tokenizer's files say.</summary>
/// <param name="Source">What divides texts.</param>
/// <param name="PostProcessor">What is put around them.</param>
internal sealed record TokenizerParts(ITokenSource Source, PostProcessor? PostProcessor)
{
    /// <summary>How the file truncates and pads.</summary>
    public TokenizeOptions Options { get; init; } = new();

    /// <summary>The token that fills up.</summary>
    public string? PadToken { get; init; }

    /// <summary>Its number, where the files give it rather than its text.</summary>
    public int? PadId { get; init; }

    /// <summary>Its type.</summary>
    public int PadTypeId { get; init; }

    /// <summary>Number of tokens that the model takes at most.</summary>
    public int? ModelMaxLength { get; init; }

    /// <summary>What was decided where the files say nothing; null for nothing.</summary>
    public string? Note { get; init; }
}
