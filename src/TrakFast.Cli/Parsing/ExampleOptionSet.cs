using System.CommandLine;
using TrakFast.Cli.Arguments;
using TrakFast.Cli.Examples;

namespace TrakFast.Cli.Parsing;

/// <summary>The options that say how examples are shown, shared by the commands that show them.</summary>
internal sealed class ExampleOptionSet
{
    private readonly Option<string> _label = new("--label")
    {
        Description = "Name of the array of labels.",
        HelpName = "NAME",
        DefaultValueFactory = static _ => "label"
    };
    /// <summary>The classes' names.</summary>
    public Option<string?> LabelNames { get; } = DataOptionSet.LabelNames();

    /// <summary>Vocabularies, repeatable.</summary>
    public Option<IReadOnlyList<VocabularyFile>> Vocabularies { get; } = RunOptions.Vocabularies();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_label);
        command.Add(LabelNames);
        command.Add(Vocabularies);
    }

    /// <summary>What was asked for.</summary>
    public ExampleOptions Read(ParseResult parsed) => new()
    {
        Label = parsed.GetRequiredValue(_label),
        LabelNames = parsed.GetValue(LabelNames),
        Vocabularies = parsed.GetValue(Vocabularies) ?? [],
    };
}
