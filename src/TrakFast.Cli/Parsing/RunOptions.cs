using System.CommandLine;
using System.CommandLine.Parsing;
using TrakFast.Cli.Arguments;

namespace TrakFast.Cli.Parsing;

/// <summary>Options that several commands share, so that they read and fail alike everywhere.</summary>
internal static class RunOptions
{
    /// <summary>An option that must be given.</summary>
    public static Option<T> Required<T>(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName, Required = true };

    /// <summary>Where features and scores are kept.</summary>
    public static Option<string> SaveDirectory() =>
        Required<string>("--save-dir", "DIR", "Directory that keeps the features and scores of a run.");

    /// <summary>The name of a set of targets.</summary>
    public static Option<string> Experiment()
    {
        Option<string> option = new("--experiment")
        {
            Description = "Name of the set of targets.",
            HelpName = "NAME",
            DefaultValueFactory = static _ => "default"
        };
        option.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: string name }] && !TrakStore.IsExperimentName(name))
                result.AddError(
                    $"'{name}' is not a name for an experiment: letters, digits, '-', "
                    + "'_' and '.' make one, and it does not begin with '.'.");
        });
        return option;
    }

    /// <summary>Indices of targets.</summary>
    public static Option<long[]> Targets(string description) =>
        NumberOption.List<long>("--targets", "J", description, "whole numbers", static _ => true);

    /// <summary>The indices of the first targets.</summary>
    public static long[] FirstTargets(long targetCount, int shown) =>
        [.. Enumerable.Range(0, (int)Math.Min(targetCount, shown)).Select(static j => (long)j)];

    /// <summary>A whole number of at least 1.</summary>
    public static Option<int> AtLeastOne(string name, string description, int byDefault) =>
        NumberOption.Of(name, description, byDefault, $"a whole number of 1 or more, up to {int.MaxValue}", static value => value >= 1);

    /// <summary>A set of examples: <c>--train image=a.npy label=b.npy</c>, or <c>--train reviews.csv</c>.</summary>
    public static Option<ExampleFiles> Examples(string name, string description, bool required = false) => new(name)
    {
        Required = required,
        Description = description,
        HelpName = "SOURCE | NAME=FILE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = required ? null : static _ => ExampleFiles.None,
        CustomParser = result => ReadAll(result, name, ExampleFiles.Parse) ?? ExampleFiles.None,
    };

    /// <summary>Words that are read together.</summary>
    public static Option<T> Words<T>(string name, string helpName, string description, Func<IEnumerable<string>, T> parse)
        where T : class => new(name)
        {
            Description = description,
            HelpName = helpName,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
            CustomParser = result => ReadAll(result, name, parse)!,
        };

    /// <summary>Checkpoints: <c>--checkpoint a.safetensors b.safetensors</c> or <c>--checkpoint 3=a.safetensors</c>, repeatable.</summary>
    public static Option<IReadOnlyList<CheckpointFile>> Checkpoints() =>
        Listed(
            "--checkpoint",
            "[ID=]FILE",
            "Weights of a checkpoint: a safetensors or PyTorch file, an index of several, a folder, or a pattern such as 'run/epoch-*.pt'; "
            + "its model id is its position unless ID= chooses one [default: the weights in the model].",
            CheckpointFile.ParseAll,
            required: false);

    /// <summary>A list of the model's parameters.</summary>
    public static Option<string?> Parameters() => new("--parameters")
    {
        Description = "The model's parameters, a JSON list of their names or one a line "
            + "[default: what the file and the checkpoints show to be trained].",
        HelpName = "FILE",
    };

    /// <summary>Vocabularies: <c>--vocabulary vocab.txt</c> or <c>--vocabulary input_ids=vocab.txt</c>, repeatable.</summary>
    public static Option<IReadOnlyList<VocabularyFile>> Vocabularies() =>
        Listed(
            "--vocabulary",
            "[NAME=]FILE",
            "Shows token ids as text: a vocab.txt, vocab.json, tokenizer.json or .vocab; NAME= where arrays of token ids differ.",
            VocabularyFile.ParseAll,
            required: false);

    /// <summary>Several values in one or more words, read together.</summary>
    public static Option<IReadOnlyList<T>> Listed<T>(
        string name, string helpName, string description, Func<IEnumerable<string>, IReadOnlyList<T>> parse, bool required) =>
        new(name)
        {
            Required = required,
            Description = description,
            HelpName = helpName,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = required ? null : static _ => [],
            CustomParser = result => Read(result, name, parse),
        };

    private static IReadOnlyList<T> Read<T>(ArgumentResult result, string name, Func<IEnumerable<string>, IReadOnlyList<T>> parse) =>
        ReadAll(result, name, parse) ?? [];

    private static T? ReadAll<T>(ArgumentResult result, string name, Func<IEnumerable<string>, T> parse)
        where T : class
    {
        try
        {
            return parse(result.Tokens.Select(static t => t.Value));
        }
        catch (FormatException exception)
        {
            result.AddError($"{name}: {exception.Message}");
            return null;
        }
    }
}
