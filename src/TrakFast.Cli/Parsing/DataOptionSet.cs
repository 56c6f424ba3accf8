using System.CommandLine;
using System.CommandLine.Parsing;
using TrakFast.Cli.Arguments;
using TrakFast.Cli.Data;

namespace TrakFast.Cli.Parsing;

/// <summary>The options that say how rows of a source become what a model reads.</summary>
internal sealed class DataOptionSet
{
    private readonly Option<IReadOnlyDictionary<string, IReadOnlyList<string>>> _columns = Columns();
    private readonly Option<IReadOnlyDictionary<string, string>> _inputs = RunOptions.Words(
        "--input",
        "INPUT=COLUMN",
        "What goes to an input of the model: a column, columns of numbers joined by +, or image, tokens, mask, types, positions [default: worked out].",
        NamedColumns.ParseInputs);
    private readonly PictureOptionSet _pictures = new();
    private readonly Option<string?> _tokenizer = new("--tokenizer")
    {
        Description = "Turns texts into tokens: a tokenizer.json or its folder, vocab.txt, vocab.json beside merges.txt, or SentencePiece's .model.",
        HelpName = "FILE",
    };
    private readonly Option<int?> _maxLength = NumberOption.Optional<int>(
        "--max-length", "N", "Tokens that a text is cut to [default: the model's own length, or the tokenizer's, at most 512].",
        "a whole number of 1 or more", static value => value >= 1);
    private readonly Option<int?> _chunk = NumberOption.Optional<int>(
        "--chunk", "N", "Cut long texts into windows of --max-length tokens that overlap by N, each an example, instead of at their end.",
        "a whole number of 0 or more", static value => value >= 0);
    private readonly Option<string?> _template = new("--template")
    {
        Description = "How a message of a chat is written, with {role} and {content} [default: ChatML].",
        HelpName = "TEXT",
    };
    private readonly Option<bool> _skipBad = new("--skip-bad")
    {
        Description = "Leave examples out that cannot be read, such as damaged pictures, and list them.",
    };
    private readonly Option<string?> _labelNames;

    /// <summary>Creates the options.</summary>
    /// <param name="labelNames">The option with the classes' names, where the command has one of its own.</param>
    public DataOptionSet(Option<string?>? labelNames = null)
    {
        IsLabelNamesOwn = labelNames is null;
        _labelNames = labelNames ?? LabelNames();
    }

    private bool IsLabelNamesOwn { get; }

    /// <summary>Which columns hold what.</summary>
    public static Option<IReadOnlyDictionary<string, IReadOnlyList<string>>> Columns() => RunOptions.Words(
        "--columns",
        "ROLE=COLUMN",
        "Columns of the data: text=review,label=stars; roles are image, text, text2, messages, label, and the model's inputs [default: found by name].",
        NamedColumns.Parse);

    /// <summary>The classes' names.</summary>
    public static Option<string?> LabelNames() => new("--label-names")
    {
        Description = "Names of the labels: one a line in the order of their numbers, or JSON.",
        HelpName = "FILE",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_columns);
        command.Add(_inputs);
        _pictures.AddTo(command);
        foreach (Option option in new Option[] { _tokenizer, _maxLength, _chunk, _template, _skipBad }) command.Add(option);
        if (IsLabelNamesOwn) command.Add(_labelNames);
        command.Validators.Add(result =>
        {
            if (IsGiven(result, _chunk) && !(IsGiven(result, _maxLength) && IsGiven(result, _tokenizer)))
                result.AddError("--chunk counts tokens: it needs --tokenizer and --max-length.");
        });
    }

    /// <summary>What was given.</summary>
    /// <exception cref="TrakException">The preprocessing's file cannot be used, or its options do not go together.</exception>
    public DataChoice Read(ParseResult parsed) => new()
    {
        Columns = parsed.GetValue(_columns) ?? new Dictionary<string, IReadOnlyList<string>>(),
        Inputs = parsed.GetValue(_inputs) ?? new Dictionary<string, string>(),
        Pictures = _pictures.Read(parsed),
        AsStored = _pictures.AsStored(parsed),
        Tokenizer = parsed.GetValue(_tokenizer),
        MaxLength = parsed.GetValue(_maxLength),
        Overlap = parsed.GetValue(_chunk),
        Template = parsed.GetValue(_template),
        LabelNames = parsed.GetValue(_labelNames),
        SkipBad = parsed.GetValue(_skipBad),
    };

    private static bool IsGiven(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };
}
