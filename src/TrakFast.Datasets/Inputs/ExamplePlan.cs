using TrakFast.Kernels;

namespace TrakFast.Datasets;

/// <summary>
/// Which column goes to which input of a model, worked out from the names and shapes of the inputs and the columns of the data; what the
/// user says goes before.
/// </summary>
public sealed class ExamplePlan
{
    private const int DefaultLength = 512;
    private readonly List<(string Array, string Text)> _lines = [];
    private readonly List<ExampleField> _fields = [];
    private readonly IReadOnlyList<RowSource> _sources;
    private readonly ColumnRoles _roles;
    private readonly DataOptions _options;

    private ExamplePlan(IReadOnlyList<RowSource> sources, DataOptions options)
    {
        (_sources, _options) = (sources, options);
        _roles = new ColumnRoles(sources[0], options.Columns);
    }

    /// <summary>What makes the arrays.</summary>
    public IReadOnlyList<ExampleField> Fields => _fields;

    /// <summary>Each array and what it is made of, for people.</summary>
    public IReadOnlyList<(string Array, string Text)> Lines => _lines;

    /// <summary>The classes of the labels; null where there are none.</summary>
    public ClassNumbers? Classes => _fields.OfType<LabelField>().FirstOrDefault()?.Classes;

    /// <summary>Works a plan out.</summary>
    /// <param name="inputs">What the model reads.</param>
    /// <param name="labels">What the task reads beside it.</param>
    /// <param name="train">The training data: labels are numbered by them.</param>
    /// <param name="target">The targets, or null.</param>
    /// <param name="options">What the user says.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <exception cref="TrakException">Something has no column, or the data cannot be read.</exception>
    public static ExamplePlan Make(
        IReadOnlyList<ModelInput> inputs, LabelKind labels, RowSource train, RowSource? target, DataOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        ExamplePlan plan = new(target is null ? [train] : [train, target], options);
        if (options.Inputs.Keys.FirstOrDefault(name => inputs.All(i => i.Name != name)) is { } stray)
            throw new InputException($"--input names '{stray}', which the model does not read; it reads {string.Join(", ", inputs.Select(static i => i.Name))}.");
        plan.AddInputs(inputs, labels, cancellationToken);
        plan.AddLabels(labels, inputs);
        return plan;
    }

    private void AddInputs(IReadOnlyList<ModelInput> inputs, LabelKind labels, CancellationToken cancellationToken)
    {
        List<(ModelInput Input, TokenPart Part)> tokens = [];
        foreach (ModelInput input in inputs)
        {
            string? said = _options.Inputs.GetValueOrDefault(input.Name);
            if (said == "image" || (said is null && IsPicture(input))) AddPicture(input, _roles.ImageColumn);
            else if (said is not null && Part(said) is { } part) tokens.Add((input, part));
            else if (said is not null && _sources[0].Has(said)
                && ColumnRoles.IsPicture(First([said])[0])) AddPicture(input, said);
            else if (said is not null) AddNumbers(input, _roles.Expand(said.Split('+')));
            else if (_roles.Given(input.Name) is { } columns) AddNumbers(input, columns);
            else if (Part(input) is { } known && HasText) tokens.Add((input, known));
            else if (_sources[0].Columns.Contains(input.Name)) AddNumbers(input, [input.Name]);
            else if (NumberColumns(input) is { } numbers) AddNumbers(input, numbers);
            else throw Unknown(input);
        }

        if (tokens.Count == 0) return;

        // What a language model predicts are its own tokens, wherever the model itself reads them, and no padding.
        if (labels == LabelKind.Tokens)
        {
            if (inputs.All(static i => i.Name != "input_ids")) tokens.Add((new ModelInput("labels", ElementType.Int64, null), TokenPart.Labels));
            if (inputs.All(static i => i.Name != "attention_mask")) tokens.Add((new ModelInput("attention_mask", ElementType.Int64, null), TokenPart.Mask));
        }

        AddTokens(tokens, cancellationToken);
    }

    // A row's values that are looked at for what columns hold.
    private object?[] First(IReadOnlyList<string> columns) => _sources[0].FirstUsable(row => _sources[0].Read(row, columns));

    private bool HasText => _roles.TextColumn is not null || _roles.MessagesColumn is not null;

    private InputException Unknown(ModelInput input) => new(
        $"Nothing in {_sources[0].Name} is known to go to the model's input {input}; "
        + (Part(input) is not null || !input.Type.IsFloat() ? "it may want a text, which --columns text=COLUMN names. " : string.Empty)
        + $"Say which column does: --input {input.Name}=COLUMN. There are {_sources[0].ColumnNames}.");

    private bool IsPicture(ModelInput input) => input.Type.IsFloat() && _roles.ImageColumn is not null && _roles.Given(input.Name) is null
        && (input.Example.Count == 3 || (input.Example.Count is 1 or 2 && !_sources[0].Columns.Contains(input.Name) && !IsMask(input)));

    private static bool IsMask(ModelInput input) => input.Name.Contains("mask", StringComparison.OrdinalIgnoreCase);

    private static TokenPart? Part(string word) => word switch
    {
        "tokens" or "text" => TokenPart.Tokens,
        "mask" => TokenPart.Mask,
        "types" => TokenPart.Types,
        "positions" => TokenPart.Positions,
        _ => null,
    };

    private static TokenPart? Part(ModelInput input)
    {
        if (input.Shape is not null && input.Shape.Count != 2) return null;
        string name = input.Name.ToLowerInvariant();
        return name.Contains("mask", StringComparison.Ordinal) ? TokenPart.Mask
            : name.Contains("type", StringComparison.Ordinal) || name.Contains("segment", StringComparison.Ordinal) ? TokenPart.Types
            : name.Contains("position", StringComparison.Ordinal) ? TokenPart.Positions
            : input.Type is ElementType.Int64 or ElementType.Int32 ? TokenPart.Tokens
            : null;
    }

    private void AddPicture(ModelInput input, string? column)
    {
        if (column is null) throw Unknown(input);
        IReadOnlyList<long?> sizes = input.Example;
        PicturePreprocessing preprocessing = _options.Pictures ?? new PicturePreprocessing();
        bool isFlat = sizes.Count != 3, isLast = !isFlat && sizes[0] is not (1 or 3) && sizes[2] is 1 or 3;
        if (isLast) preprocessing = preprocessing with { Layout = PictureLayout.ChannelsLast };
        if (!isFlat && sizes[isLast ? 2 : 0] == 1) preprocessing = preprocessing with { Grayscale = true };
        (Picture first, string where) = _sources[0].FirstUsable(row => (
            PictureBytes.Read(_sources[0].Read(row, column)[0], _sources[0].Where(row), _sources[0].Folder, _options.Upright),
                _sources[0].Where(row)));
        IReadOnlyList<long> made = preprocessing.ShapeOf(first);
        long count = made.Aggregate(1L, static (a, b) => a * b);

        // A flat input of as many numbers as a gray picture has pixels reads gray ones.
        if (isFlat && preprocessing.ChannelCount == 3
            && (sizes.All(static s => s is not null) ? 3 * Product(sizes) == count : first.IsGray))
        {
            preprocessing = preprocessing with { Grayscale = true };
            count /= 3;
        }

        IReadOnlyList<long> shape = !isFlat ? made : sizes.Count > 0 && sizes.All(static s => s is not null)
            ? [.. sizes.Select(static s => s!.Value)] : [count];
        bool fits = isFlat
            ? shape.Aggregate(1L, static (a, b) => a * b) == count
            : shape.Zip(sizes).All(static s => s.Second is null || s.First == s.Second);
        if (!fits)
            throw new InputException(
                $"{where} is {first.Height} × {first.Width} pixels (height × width) and comes out as [{string.Join(", ", made)}], "
                + $"and the model's input is {input}; --resize, --crop and --grayscale, or --preprocess FILE, say how pictures are prepared.");
        Add(new PictureField(column, _sources[0].Folder, new FieldArray(input.Name, ElementType.Float32, shape), preprocessing,
            _options.Upright));
    }

    private static long Product(IReadOnlyList<long?> sizes) => sizes.Aggregate(1L, static (a, b) => a * b!.Value);

    private void AddTokens(List<(ModelInput Input, TokenPart Part)> inputs, CancellationToken cancellationToken)
    {
        string? column = _roles.MessagesColumn ?? _roles.TextColumn;
        if (column is null) throw Unknown(inputs[0].Input);
        if (_options.Tokenizer is not { } tokenizer)
            throw new InputException(
                $"The model's input {inputs[0].Input} reads tokens of the texts in '{column}'; --tokenizer FILE says how they are made "
                + "(tokenizer.json, vocab.txt, vocab.json, or SentencePiece's .model).");
        RowText text = new(_roles.MessagesColumn is null && _roles.PairColumn is { } pair ? [column, pair] : [column], _options.Chat);
        int? own = inputs.Select(static i => i.Input.Example is [{ } size] ? (int?)checked((int)size)
            : null).FirstOrDefault(static s => s is not null);
        if (own is not null && _options.MaxLength is { } said && said > own)
            throw new InputException($"--max-length is {said}, and the model's input {inputs[0].Input} has {own} tokens.");
        int limit = own ?? _options.MaxLength ?? Math.Min(tokenizer.ModelMaxLength ?? DefaultLength, DefaultLength);
        int cut = Math.Min(limit, _options.MaxLength ?? limit);
        TextLengths lengths = TextLengths.Of(_sources, text, tokenizer, cut, cancellationToken);
        int length = own ?? Math.Max(1, Math.Min(cut, lengths.Longest));
        TokenField field = new(text, tokenizer, length, cut, [.. inputs.Select(static i => (i.Input.Name, i.Input.Type, i.Part))]);
        _fields.Add(field);
        string more = lengths.Longer > 0 ? $"; {lengths.Longer} of {lengths.Count} texts are longer than {cut} and are cut" : string.Empty;
        foreach ((ModelInput input, TokenPart part) in inputs)
        {
            FieldArray array = field.Arrays.First(a => a.Name == input.Name);
            _lines.Add(($"{array}", part == TokenPart.Tokens ? field.Description + more : $"the {part.ToString().ToLowerInvariant()} of the same tokens"));
        }
    }

    // All columns of numbers that are nothing else, where there are as many as the input reads.
    private string[]? NumberColumns(ModelInput input)
    {
        if (!input.Type.IsFloat() || input.Example is not [{ } width]) return null;
        object?[] first = First(_sources[0].Columns);
        string[] numbers = [..
            _sources[0].Columns.Where((c, i) => !_roles.LabelColumns.Contains(c) && NumberField.Number(first[i]) is not null)];
        return numbers.Length == width ? numbers : null;
    }

    private void AddNumbers(ModelInput input, IReadOnlyList<string> columns)
    {
        if (columns.FirstOrDefault(c => !_sources[0].Has(c)) is { } missing)
            throw new InputException($"{_sources[0].Name} has no column '{missing}' for the input '{input.Name}'; it has {_sources[0].ColumnNames}.");
        object?[] first = First(columns);
        int[] counts = [.. first.Select(NumberField.CountOf)];
        if (Array.IndexOf(counts, -1) is >= 0 and int wrong)
            throw new InputException($"The column '{columns[wrong]}' holds no numbers in {_sources[0].Where(0)}; the model's input is {input}.");
        long[] shape = input.Example.Count > 0 && input.Example.All(static s => s is not null)
            ? [.. input.Example.Select(static s => s!.Value)]
            : input.Example.Count(static s => s is null) == 1 ? Filled(input.Example, counts.Sum())
            : input.Shape is { Count: 1 } ? [] : [counts.Sum()];
        ElementType type = input.Type.IsFloat() ? ElementType.Float32 : input.Type;
        Add(new NumberField(columns, new FieldArray(input.Name, type, shape)));
    }

    private static long[] Filled(IReadOnlyList<long?> sizes, long count)
    {
        long known = sizes.Where(static s => s is not null).Aggregate(1L, static (a, b) => a * b!.Value);
        return [.. sizes.Select(s => s ?? (count / Math.Max(1, known)))];
    }

    private void AddLabels(LabelKind kind, IReadOnlyList<ModelInput> inputs)
    {
        if (kind is LabelKind.None or LabelKind.Tokens || inputs.Any(i => i.Name == _options.LabelArray)) return;
        IReadOnlyList<string> columns = _roles.LabelColumns;
        if (columns.Count == 0)
            throw new InputException(
                $"{_sources[0].Name} has no column of labels that is known by its name; --columns label=COLUMN names it. "
                + $"There are {_sources[0].ColumnNames}.");
        if (kind == LabelKind.Classes)
        {
            if (columns.Count > 1) throw new InputException($"--columns names {columns.Count} columns of labels, {string.Join(", ", columns)}; the task reads one class.");
            Add(new LabelField(_options.LabelArray, columns[0], ClassNumbers.Of(_sources[0], columns[0], _options.LabelNames)));
            return;
        }

        int count = First(columns).Sum(v => Math.Max(1, NumberField.CountOf(v)));
        Add(new NumberField(columns, new FieldArray(_options.LabelArray, ElementType.Float32, [count])));
    }

    private void Add(ExampleField field)
    {
        _fields.Add(field);
        foreach (FieldArray array in field.Arrays) _lines.Add(($"{array}", field.Description));
    }
}
