using System.Globalization;

namespace TrakFast.Cli.Examples;

/// <summary>Examples of arrays of token ids as one line of text.</summary>
internal sealed class ArrayTexts : TopTexts
{
    // Enough for the widest terminal; the console cuts to its own width.
    private const int MostIds = 200;
    private readonly ExampleSet _train;
    private readonly ExampleSet? _targets;
    private readonly IReadOnlyList<ShownTokens> _arrays;
    private readonly TokenReader _tokens;
    private readonly LabelReader _labels;

    /// <summary>Chooses the arrays of token ids and opens the vocabularies.</summary>
    /// <exception cref="TrakException">A set has not as many examples as the scores, or no token ids, or a file cannot be used.</exception>
    public ArrayTexts(Scores scores, ExampleSet train, ExampleSet? targets, ExampleOptions options)
    {
        ScoredSets.CheckTrain(scores, train.Count);
        if (targets is not null) ScoredSets.CheckTargets(scores, targets.Count);
        (_train, _targets) = (train, targets);
        _arrays = [.. ArrayChoice.Of(train, targets, options).OfType<ShownTokens>()];
        if (_arrays.Count == 0)
            throw new TrakException(
                $"--train has no token ids (int32 or int64 [n, T]) to show as text; it has {string.Join(", ", train.Names)}.");
        _tokens = new TokenReader(_arrays, options.Vocabularies);
        _labels = new LabelReader(options.Label, options.LabelNames);
        HasLabels = train.Names.Contains(options.Label);
    }

    /// <inheritdoc/>
    public override bool HasLabels { get; }

    /// <inheritdoc/>
    public override IEnumerable<string> Warnings => _tokens.Warnings;

    /// <inheritdoc/>
    public override (string Label, string Text) Train(long index) => Read(_train, index);

    /// <inheritdoc/>
    public override (string Label, string Text)? Target(long index) => _targets is null ? null : Read(_targets, index);

    private (string Label, string Text) Read(ExampleSet set, long index)
    {
        Batch row = set.Read(index, 1);
        return (
            _labels.Read(row) ?? string.Empty,
            string.Join(" · ", _arrays.Select(array => _tokens.Text(array, row)?.ToLine() ?? Numbers(_tokens.Ids(array, row)))));
    }

    private static string Numbers(IReadOnlyList<long> ids) =>
        string.Join(' ', ids.Take(MostIds).Select(static id => id.ToString(CultureInfo.InvariantCulture)));
}
