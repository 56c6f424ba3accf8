using TrakFast.Cli.Examples;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Pictures;

namespace TrakFast.Cli.Report;

/// <summary>
/// Reads single examples of two sets of arrays. Nothing but the examples that are shown is read, and some for the pictures' range.
/// </summary>
internal sealed class ArrayExampleReader : ExampleReader
{
    // A range for all pictures is read off this many of them, fewer when they are large; a set is shown alike, not scanned whole.
    private const int RangeExamples = 1024;
    private const long RangeBytes = 64 << 20;
    private readonly ExampleSet _train;
    private readonly ExampleSet _targets;
    private readonly IReadOnlyList<ShownArray> _arrays;
    private readonly Dictionary<string, PixelRange> _ranges;
    private readonly TokenReader _tokens;
    private readonly LabelReader _labels;

    /// <summary>Chooses what is shown and opens the vocabularies.</summary>
    /// <exception cref="TrakException">Nothing can be shown, or a file of the options cannot be used.</exception>
    public ArrayExampleReader(ExampleSet train, ExampleSet targets, ExampleOptions options)
    {
        (_train, _targets) = (train, targets);
        _arrays = ArrayChoice.Of(train, targets, options);
        _tokens = new TokenReader(_arrays.OfType<ShownTokens>(), options.Vocabularies);
        _labels = new LabelReader(options.Label, options.LabelNames);
        _ranges = Ranges(train, [.. _arrays.OfType<ShownValues>().Select(static a => a.Name)]);
    }

    /// <inheritdoc/>
    public override long TrainCount => _train.Count;

    /// <inheritdoc/>
    public override long TargetCount => _targets.Count;

    /// <inheritdoc/>
    public override IEnumerable<string> Warnings => _tokens.Warnings;

    /// <inheritdoc/>
    public override string LabelName(long label) => _labels.Name(label);

    /// <inheritdoc/>
    public override ShownExample Train(long index) => Read(_train, index);

    /// <inheritdoc/>
    public override ShownExample Target(long index) => Read(_targets, index);

    private ShownExample Read(ExampleSet examples, long index)
    {
        Batch row = examples.Read(index, 1);
        NamedContent[] parts = [.. _arrays.Select(array => new NamedContent(array.Name, Content(array, row)))];
        return new ShownExample(parts.Length == 1 ? parts[0].Content : new CombinedContent(parts), _labels.Read(row));
    }

    private static Dictionary<string, PixelRange> Ranges(ExampleSet train, string[] names)
    {
        if (names.Length == 0) return [];
        Batch first = train.Read(0, 1);
        long rowBytes = Math.Max(1, first.Names.Sum(name => (long)first[name].Bytes.Length));
        Batch sample = train.Read(0, Math.Min(train.Count, Math.Clamp(RangeBytes / rowBytes, 1, RangeExamples)));
        return names.ToDictionary(static name => name, name => PixelRange.Of(sample[name]));
    }

    private ExampleContent Content(ShownArray array, Batch row) => array switch
    {
        ShownTokens tokens when _tokens.Text(tokens, row) is { } text => new TokenContent(text),
        ShownTokens tokens when _tokens.Ids(tokens, row) is { } ids => new TextContent(ValueText.Of(DataArray.From([.. ids], ids.Count))),
        _ => ExampleContent.OfRow(row[array.Name], 0, _ranges[array.Name]),
    };
}
