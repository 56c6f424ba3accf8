using System.CommandLine;

namespace TrakFast.Cli.Parsing;

/// <summary>Options that are one of a few words; a refusal says which there are.</summary>
internal static class WordOption
{
    /// <summary>An option whose words are a vocabulary's.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="byDefault">Its value when it is not given.</param>
    /// <param name="table">The vocabulary.</param>
    public static Option<string> Of<T>(string name, string description, T byDefault, WordTable<T> table)
        where T : struct => Of(name, description, table.Word(byDefault), [.. table.Words]);

    /// <summary>An option with a default.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="byDefault">Its value when it is not given.</param>
    /// <param name="words">What is accepted.</param>
    public static Option<string> Of(string name, string description, string byDefault, params string[] words)
    {
        Option<string> option = new(name)
        {
            Description = description,
            HelpName = string.Join('|', words),
            DefaultValueFactory = _ => byDefault
        };
        option.CompletionSources.Add(words);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string word }] && !words.Contains(word))
                result.AddError($"{name} must be {string.Join(", ", words[..^1])} or {words[^1]}; it is {word}.");
        });
        return option;
    }
}
