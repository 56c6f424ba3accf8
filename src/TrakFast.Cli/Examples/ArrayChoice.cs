using TrakFast.Cli.Arguments;
using TrakFast.Cli.Report.Pictures;
using TrakFast.Kernels;

namespace TrakFast.Cli.Examples;

/// <summary>
/// Chooses which arrays of the examples a reader sees: those asked for, or else the first that is a picture and every
/// one of token ids, or else the first there is. Only the first example of each set is looked at.
/// </summary>
internal sealed class ArrayChoice
{
    // Integers [n, T] that go along with token ids and are none themselves.
    private static readonly string[] NotTokens = ["mask", "token_type", "position", "segment", "label"];
    private readonly ExampleOptions _options;
    private readonly IReadOnlyList<string> _names;
    private readonly Batch[] _firsts;

    private ArrayChoice(ExampleSet train, ExampleSet? targets, ExampleOptions options)
    {
        _options = options;
        _firsts = targets is null ? [train.Read(0, 1)] : [train.Read(0, 1), targets.Read(0, 1)];
        _names = [.. train.Names.Where(name => targets is null || targets.Names.Contains(name))];
    }

    /// <summary>The arrays to show.</summary>
    /// <param name="train">The training examples.</param>
    /// <param name="targets">The targets; without them only the training examples are shown.</param>
    /// <param name="options">What was asked for.</param>
    /// <exception cref="TrakException">Nothing can be shown, or what was asked for is not there or no array of token ids.</exception>
    public static IReadOnlyList<ShownArray> Of(ExampleSet train, ExampleSet? targets, ExampleOptions options)
    {
        ArrayChoice choice = new(train, targets, options);
        IReadOnlyList<ShownArray> shown = options.Show.Count > 0
            ? [.. options.Show.Distinct(StringComparer.Ordinal).Select(name => choice.Asked(name, "--show"))]
            : choice.Automatic();
        choice.CheckVocabularies(shown);
        return shown;
    }

    private List<ShownArray> Automatic()
    {
        List<ShownArray> shown = [];
        if (_names.FirstOrDefault(IsPicture) is { } picture) shown.Add(new ShownValues(picture));
        shown.AddRange(_names.Where(IsTokens).Select(Tokens));
        if (shown.Count > 0) return shown;
        string first = _names.FirstOrDefault(name => name != _options.Label)
            ?? throw new TrakException(
                $"{(_firsts.Length == 1 ? "--train has" : "--train and --target share")} no array beside '{_options.Label}', "
                + $"so there is nothing to show; --train has {string.Join(", ", _firsts[0].Names)}.");
        return [new ShownValues(first)];
    }

    private ShownArray Asked(string name, string option)
    {
        if (!_names.Contains(name))
            throw new TrakException(
                $"{option} asks for the array '{name}', which is not in {(_firsts.Length == 1 ? "--train" : "both --train and --target")}; "
                + $"there are {string.Join(", ", _names)}.");
        return IsTokens(name) ? Tokens(name) : new ShownValues(name);
    }

    private void CheckVocabularies(IReadOnlyList<ShownArray> shown)
    {
        foreach (VocabularyFile file in _options.Vocabularies.Where(static v => v.Name is not null))
        {
            if (Asked(file.Name!, "--vocabulary") is not ShownTokens)
                throw new TrakException(
                    $"--vocabulary names the array '{file.Name}', which holds {Text(file.Name!)} for each example; "
                    + "token ids are integers [n, T].");
            if (shown.All(s => s.Name != file.Name))
                throw new TrakException($"--vocabulary names the array '{file.Name}', which --show does not; add it there.");
        }

        if (_options.Vocabularies.Count > 0 && !shown.Any(static s => s is ShownTokens))
            throw new TrakException(
                "--vocabulary was given, and there are no token ids (int32 or int64 [n, T]) to show; "
                + $"there are {string.Join(", ", _names.Select(n => $"{n} ({Text(n)})"))}.");
    }

    // A mask or the like of 64 positions is no picture of 8 by 8.
    private bool IsPicture(string name) => name != _options.Label && !HasVocabulary(name)
        && _firsts.All(first => PictureReader.IsPicture(Example(first, name)) && (first[name].Shape.Count > 2 || !IsNamedOtherwise(name)));

    private bool IsTokens(string name) => _firsts.Select(first => first[name]).All(a => a.Shape.Count == 2 && !a.Type.IsFloat())
        && (HasVocabulary(name)
            || (name != _options.Label && !IsNamedOtherwise(name)
                && _firsts.All(first => first[name] is { Type: ElementType.Int32 or ElementType.Int64 } a && a.Shape[1] > 1)));

    private bool HasVocabulary(string name) => _options.Vocabularies.Any(v => v.Name == name);

    private static bool IsNamedOtherwise(string name) => NotTokens.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    private ShownTokens Tokens(string name)
    {
        string[] masks = [.. _names.Where(mask => mask != name && mask.Contains("mask", StringComparison.OrdinalIgnoreCase)
            && _firsts.All(first => first[mask].Shape.SequenceEqual(first[name].Shape)))];

        // With several token inputs each has its own mask, named after it: decoder_input_ids, decoder_attention_mask.
        string own = name.Replace("input_ids", "attention_mask", StringComparison.Ordinal);
        return new ShownTokens(name, masks.Contains(own) ? own : masks.Length == 1 ? masks[0] : null);
    }

    private static DataArray Example(Batch first, string name) => first[name].Reshape([.. first[name].Shape.Skip(1)]);

    private string Text(string name) => $"{Example(_firsts[0], name)}";
}
