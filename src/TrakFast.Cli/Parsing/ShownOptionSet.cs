using System.CommandLine;
using TrakFast.Cli.Arguments;
using TrakFast.Cli.Data;
using TrakFast.Cli.Examples;

namespace TrakFast.Cli.Parsing;

/// <summary>The options that say which examples were scored, for commands that show them: the run's own, unless others are named.</summary>
internal sealed class ShownOptionSet
{
    private readonly Option<ExampleFiles> _train = RunOptions.Examples(
        "--train", "The training examples, as run had them [default: where run read them].");
    private readonly Option<ExampleFiles> _target = RunOptions.Examples("--target", "The targets, as run had them [default: where run read them].");
    private readonly Option<IReadOnlyDictionary<string, IReadOnlyList<string>>> _columns = DataOptionSet.Columns();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_train);
        command.Add(_target);
        command.Add(_columns);
    }

    /// <summary>Opens both sets: those that are named, or else the run's own.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="store">The run.</param>
    /// <param name="experiment">The set of targets.</param>
    /// <param name="options">How examples are shown.</param>
    /// <exception cref="TrakException">They are not known, or cannot be read.</exception>
    public ShownSets Open(ParseResult parsed, TrakStore store, string experiment, ExampleOptions options)
    {
        (KeptSet? train, KeptSet? target) = Find(parsed, store, experiment);
        return ShownSets.Open(train, target, options);
    }

    /// <summary>
    /// Opens what can be shown in a table: the sets that are named, or else the run's own rows, where they still are, or its arrays of
    /// token
    /// ids, where there is a vocabulary.
    /// </summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="store">The run.</param>
    /// <param name="experiment">The set of targets.</param>
    /// <param name="options">How examples are shown.</param>
    /// <param name="warn">Takes a sentence on rows that are not there any more.</param>
    /// <exception cref="TrakException">What is named cannot be read.</exception>
    public ShownSets OpenIfThere(ParseResult parsed, TrakStore store, string experiment, ExampleOptions options, Action<string> warn)
    {
        (KeptSet? train, KeptSet? target) = Find(parsed, store, experiment);
        bool isNamed = parsed.GetRequiredValue(_train).IsGiven, isTargetNamed = parsed.GetRequiredValue(_target).IsGiven;
        bool isText = options.Vocabularies.Count > 0;
        if ((isText || isTargetNamed) && train is null)
            throw new TrakException($"{store.SaveDirectory} does not say where its training examples are; name them by --train.");
        if (!isNamed && !isTargetNamed && !isText && train?.Sources is null) (train, target) = (null, null);
        try
        {
            return ShownSets.Open(train, target, options);
        }
        catch (TrakException exception) when (!isNamed && !isTargetNamed && !isText)
        {
            warn($"The examples themselves cannot be shown: {exception.Message}");
            return ShownSets.Open(null, null, options);
        }
    }

    private (KeptSet? Train, KeptSet? Target) Find(ParseResult parsed, TrakStore store, string experiment)
    {
        ExampleRecord record = ExampleRecord.Read(store.SaveDirectory);
        IReadOnlyDictionary<string, IReadOnlyList<string>>? columns = parsed.GetValue(_columns);
        return (
            Kept(parsed.GetRequiredValue(_train), record.Train, columns),
            Kept(parsed.GetRequiredValue(_target), record.Targets.GetValueOrDefault(experiment), columns));
    }

    // What is named replaces where the data lie; the rest is as the run had it, where it was a source too.
    private static KeptSet? Kept(
        ExampleFiles given, KeptSet? known, IReadOnlyDictionary<string, IReadOnlyList<string>>? columns)
    {
        KeptSet? set = !given.IsGiven ? known
            : given.Arrays.Count > 0
                ? new KeptSet { Arrays = given.Arrays.ToDictionary(static f => f.Name, static f => f.Path), LabelNames = known?.LabelNames }
            : (known?.Sources is null ? new KeptSet() : known) with { Sources = [.. given.Sources] };
        return set?.Sources is null || columns is null ? set
            : set with { Columns = columns.ToDictionary(static c => c.Key, static c => c.Value.ToArray()) };
    }
}
