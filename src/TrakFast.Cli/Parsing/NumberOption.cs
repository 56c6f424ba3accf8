using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace TrakFast.Cli.Parsing;

/// <summary>Options that are numbers. They read the same in every culture, and a refusal says what is wanted and what was given.</summary>
internal static class NumberOption
{
    /// <summary>An option with a default.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="byDefault">Its value when it is not given.</param>
    /// <param name="wanted">What is accepted, in words.</param>
    /// <param name="accepts">What is accepted.</param>
    public static Option<T> Of<T>(string name, string description, T byDefault, string wanted, Func<T, bool> accepts)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => byDefault,
            CustomParser = result => Read(result, name, wanted, accepts).FirstOrDefault(),
        };

    /// <summary>An option that may be left out.</summary>
    public static Option<T?> Optional<T>(string name, string helpName, string description, string wanted, Func<T, bool> accepts)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result => Read(result, name, wanted, accepts).FirstOrDefault(),
        };

    /// <summary>An option that takes several numbers, none by default.</summary>
    public static Option<T[]> List<T>(string name, string helpName, string description, string wanted, Func<T, bool> accepts)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = helpName,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = static _ => [],
            CustomParser = result => [.. Read(result, name, wanted, accepts)],
        };

    private static List<T> Read<T>(ArgumentResult result, string name, string wanted, Func<T, bool> accepts)
        where T : struct, INumber<T>
    {
        List<T> values = [];
        foreach (Token token in result.Tokens)
        {
            if (T.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out T value) && accepts(value)) values.Add(value);
            else result.AddError($"{name} must be {wanted}; it is {token.Value}.");
        }

        return values;
    }
}
