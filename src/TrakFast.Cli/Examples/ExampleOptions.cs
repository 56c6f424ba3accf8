using TrakFast.Cli.Arguments;

namespace TrakFast.Cli.Examples;

/// <summary>How examples are shown to a reader.</summary>
internal sealed record ExampleOptions
{
    /// <summary>Name of the array of labels.</summary>
    public string Label { get; init; } = "label";

    /// <summary>Arrays to show, by name; empty to choose by their shapes and types.</summary>
    public IReadOnlyList<string> Show { get; init; } = [];

    /// <summary>Files that turn token ids into text.</summary>
    public IReadOnlyList<VocabularyFile> Vocabularies { get; init; } = [];

    /// <summary>A file with the names of the labels, or null to show their numbers.</summary>
    public string? LabelNames { get; init; }
}
