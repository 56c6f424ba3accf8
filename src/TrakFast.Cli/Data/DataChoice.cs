using TrakFast.Datasets;

namespace TrakFast.Cli.Data;

/// <summary>How rows become examples, as the command line says it.</summary>
internal sealed record DataChoice
{
    /// <summary>Columns by role or input.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Columns { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>What goes to the model's inputs.</summary>
    public IReadOnlyDictionary<string, string> Inputs { get; init; } = new Dictionary<string, string>();

    /// <summary>How pictures are prepared; null where nothing is said.</summary>
    public PicturePreprocessing? Pictures { get; init; }

    /// <summary>Whether pictures are left as they are stored.</summary>
    public bool AsStored { get; init; }

    /// <summary>The tokenizer's file or folder, or null.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Tokens that texts are cut to, or null.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Tokens that windows of long texts share; null to cut them instead.</summary>
    public int? Overlap { get; init; }

    /// <summary>How a message of a chat is written, or null.</summary>
    public string? Template { get; init; }

    /// <summary>A file with the classes' names, or null.</summary>
    public string? LabelNames { get; init; }

    /// <summary>Whether rows that cannot be read are left out.</summary>
    public bool SkipBad { get; init; }

    /// <summary>Reads the files that are named.</summary>
    /// <exception cref="TrakException">One cannot be used.</exception>
    public DataOptions ToOptions() => new()
    {
        Columns = Columns,
        Inputs = Inputs,
        Pictures = Pictures,
        Upright = !AsStored,
        Tokenizer = Tokenizer is null ? null : TextTokenizer.Read(Tokenizer),
        MaxLength = MaxLength,
        Chat = Template is null ? ChatTemplate.Default : new ChatTemplate(Template),
        LabelNames = LabelNames is null ? null : ClassNames.Read(LabelNames),
    };
}
