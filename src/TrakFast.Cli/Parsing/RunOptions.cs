using System.CommandLine;
using System.CommandLine.Parsing;

namespace TrakFast.Cli.Parsing;

/// <summary>Options that several commands share, so that they read and fail alike everywhere.</summary>
internal static class RunOptions
{
    /// <summary>Arrays with their files: <c>--train image=a.npy label=b.npy</c>, repeatable.</summary>
    public static Option<IReadOnlyList<NamedFile>> NamedFiles(string name, string description) =>
        Listed(name, "NAME=FILE", description, NamedFile.ParseAll);

    /// <summary>Checkpoints: <c>--checkpoint a.safetensors b.safetensors</c> or <c>--checkpoint 3=a.safetensors</c>, repeatable.</summary>
    public static Option<IReadOnlyList<CheckpointFile>> Checkpoints() =>
        Listed("--checkpoint", "[ID=]FILE", "Weights of a checkpoint; its model id is its position unless ID= chooses one.", CheckpointFile.ParseAll);

    private static Option<IReadOnlyList<T>> Listed<T>(string name, string helpName, string description, Func<IEnumerable<string>, IReadOnlyList<T>> parse) =>
        new(name)
        {
            Description = description,
            HelpName = helpName,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = static _ => [],
            CustomParser = result => Read(result, name, parse),
        };

    private static IReadOnlyList<T> Read<T>(ArgumentResult result, string name, Func<IEnumerable<string>, IReadOnlyList<T>> parse)
    {
        try
        {
            return parse(result.Tokens.Select(static t => t.Value));
        }
        catch (FormatException exception)
        {
            result.AddError($"{name}: {exception.Message}");
            return [];
        }
    }
}
