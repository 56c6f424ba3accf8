using System.CommandLine;

namespace TrakFast.Cli.Parsing;

/// <summary>The options that become <see cref="TrakOptions"/>.</summary>
internal sealed class TrakOptionSet
{
    private static readonly TrakOptions Defaults = new();
    private readonly Option<string> _saveDirectory = RunOptions.SaveDirectory();
    private readonly Option<string> _projection = WordOption.Of(
        "--projection", "Family of the random projection of gradients; none keeps them whole.", Defaults.Projection, TrakWords.Projections);
    private readonly Option<int> _dimension = RunOptions.AtLeastOne(
        "--projection-dim", "Projection dimension k, the numbers kept of each gradient: more are more exact and take more room.",
        Defaults.ProjectionDimension);
    private readonly Option<uint> _seed = NumberOption.Of(
        "--seed", "Seed of the projection.", Defaults.Seed, $"a whole number from 0 to {uint.MaxValue}", static _ => true);
    private readonly Option<double?> _lambda = Number(
        "--lambda", "Regularizer λ in units of the mean eigenvalue, trace(ΦᵀΦ)/min(n, k) [default: 1].");
    private readonly Option<double?> _lambdaAbsolute = Number(
        "--lambda-absolute", "Regularizer λ as it is added to the diagonal, instead of --lambda.");
    private readonly Option<string> _scaling = WordOption.Of(
        "--scaling", "Units of features and scores: as the formula has them, or MadryLab/trak's.", Defaults.Scaling, TrakWords.Scalings);
    private readonly Option<string> _weighting = WordOption.Of(
        "--weighting", "Where Q enters: beside the scores, as in TRAK's formula, or also inside the kernel matrix.",
        Defaults.Weighting, TrakWords.Weightings);
    private readonly Option<string> _precision = WordOption.Of(
        "--precision", "How features are kept on disk.", Defaults.Precision, TrakWords.Precisions);
    private readonly Option<string[]> _gradientOf = GradientOf();

    /// <summary>The parameters whose gradients are wanted.</summary>
    public static Option<string[]> GradientOf() => new("--gradient-of")
    {
        Description = "Parameters to differentiate by, as 'doctor --model' names them; * stands for any characters, "
            + "and ! before a name leaves out what matches [default: all].",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = static _ => [],
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            _saveDirectory, _projection, _dimension, _seed, _lambda, _lambdaAbsolute, _scaling, _weighting, _precision, _gradientOf
        })
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_lambda) is { Implicit: false } && result.GetResult(_lambdaAbsolute) is { Implicit: false })
                result.AddError("--lambda and --lambda-absolute exclude each other; give one.");
        });
    }

    /// <summary>What was given, with defaults for the rest.</summary>
    public TrakOptions Read(ParseResult parsed) => new()
    {
        SaveDirectory = parsed.GetRequiredValue(_saveDirectory),
        Projection = TrakWords.Projections.Parse(parsed.GetRequiredValue(_projection)),
        ProjectionDimension = parsed.GetValue(_dimension),
        Seed = parsed.GetValue(_seed),
        Lambda = parsed.GetValue(_lambdaAbsolute) is { } absolute ? Lambda.Absolute(absolute)
            : parsed.GetValue(_lambda) is { } relative ? Lambda.Relative(relative)
            : Defaults.Lambda,
        Scaling = TrakWords.Scalings.Parse(parsed.GetRequiredValue(_scaling)),
        Weighting = TrakWords.Weightings.Parse(parsed.GetRequiredValue(_weighting)),
        Precision = TrakWords.Precisions.Parse(parsed.GetRequiredValue(_precision)),
        GradientOf = parsed.GetValue(_gradientOf) ?? [],
    };

    private static Option<double?> Number(string name, string description) =>
        NumberOption.Optional<double>(
            name, "λ", description, "a finite number of at least 0", static value => double.IsFinite(value) && value >= 0);
}
