using System.Globalization;

namespace TrakFast.Cli.Examples;

/// <summary>Examples as one line of text, for tables on the console.</summary>
internal sealed class TopTexts
{
    // Enough for the widest terminal; the console cuts to its own width.
    private const int MostIds = 200;
    private readonly NpyDataset _train;
    private readonly NpyDataset? _targets;
    private readonly IReadOnlyList<ShownTokens> _arrays;
    private readonly TokenReader _tokens;
    private readonly LabelReader _labels;

    /// <summary>Chooses the arrays of token ids and opens the vocabularies.</summary>
    /// <exception cref="TrakException">A set has not as many examples as the scores, or no token ids, or a file cannot be used.</exception>
    public TopTexts(Scores scores, NpyDataset train, NpyDataset? targets, ExampleOptions options)
    {
        ScoredSets.CheckTrain(scores, train);
        if (targets is not null) ScoredSets.CheckTargets(scores, targets);
        (_train, _targets) = (train, targets);
        _arrays = [.. ArrayChoice.Of(train, targets, options).OfType<ShownTokens>()];
        if (_arrays.Count == 0)
            throw new TrakException(
                $"--train has no token ids (int32 or int64 [n, T]) to show as text; it has {string.Join(", ", train.Names)}.");
        _tokens = new TokenReader(_arrays, options.Vocabularies);
        _labels = new LabelReader(options.Label, options.LabelNames);
        HasLabels = train.Names.Contains(options.Label);
    }

    /// <summary>Whether training examples have labels.</summary>
    public bool HasLabels { get; }

    /// <summary>Sentences on what was shown otherwise than asked, among the examples read so far.</summary>
    public IEnumerable<string> Warnings => _tokens.Warnings;

    /// <summary>A training example's label and text.</summary>
    public (string Label, string Text) Train(long index) => Read(_train, index);

    /// <summary>A target's label and text; null where the targets were not given.</summary>
    public (string Label, string Text)? Target(long index) => _targets is null ? null : Read(_targets, index);

    private (string Label, string Text) Read(NpyDataset set, long index)
    {
        Batch row = set.Read(index, 1);
        return (
            _labels.Read(row) ?? string.Empty,
            string.Join(" · ", _arrays.Select(array => _tokens.Text(array, row)?.ToLine() ?? Numbers(_tokens.Ids(array, row)))));
    }

    private static string Numbers(IReadOnlyList<long> ids) =>
        string.Join(' ', ids.Take(MostIds).Select(static id => id.ToString(CultureInfo.InvariantCulture)));
}
