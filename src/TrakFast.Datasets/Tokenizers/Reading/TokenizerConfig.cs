namespace TrakFast.Datasets;

/// <summary>What tokenizer_config.json and special_tokens_map.json beside a tokenizer's file say.</summary>
internal sealed class TokenizerConfig
{
    private const string ConfigName = "tokenizer_config.json";
    private const string MapName = "special_tokens_map.json";

    private static readonly string[] Roles =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private readonly Dictionary<string, string> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _truths = new(StringComparer.Ordinal);

    /// <summary>Name of the tokenizer's class without "Fast"; null where nothing says it.</summary>
    public string? Class { get; private set; }

    /// <summary>Number of tokens that the model takes at most.</summary>
    public int? ModelMaxLength { get; private set; }

    /// <summary>The end at which sequences are filled up.</summary>
    public TextSide? PaddingSide { get; private set; }

    /// <summary>The end at which tokens are lost.</summary>
    public TextSide? TruncationSide { get; private set; }

    /// <summary>Number of T5's extra tokens.</summary>
    public int? ExtraIds { get; private set; }

    /// <summary>Added tokens that the configuration lists, by number.</summary>
    public IReadOnlyList<AddedToken> Added { get; private set; } = [];

    /// <summary>Reads what is beside a file.</summary>
    /// <exception cref="TrakException">A file cannot be read or holds something else.</exception>
    public static TokenizerConfig Beside(string path)
    {
        TokenizerConfig config = new();
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".";
        string settings = Path.Combine(folder, ConfigName), map = Path.Combine(folder, MapName);
        if (File.Exists(map)) Named(map, config.ReadTokens);
        if (File.Exists(settings)) Named(settings, config.ReadSettings);
        return config;
    }

    /// <summary>Runs what reads a file's JSON, with the file's name in its errors.</summary>
    public static T Named<T>(string path, Func<JsonPart, T> read)
    {
        byte[] bytes = TokenizerFile.Read(path);
        try
        {
            return JsonPart.Read(bytes, read);
        }
        catch (InputException error)
        {
            throw new InputException($"{path} is not a tokenizer that can be used: {error.Message}", error);
        }
    }

    /// <summary>The text of a special token; null where nothing says it.</summary>
    /// <param name="role">"pad_token", "cls_token" and so on.</param>
    public string? Token(string role) => _tokens.GetValueOrDefault(role);

    /// <summary>A truth value; null where nothing says it.</summary>
    public bool? Truth(string key) => _truths.TryGetValue(key, out bool value) ? value : null;

    private bool ReadTokens(JsonPart file)
    {
        foreach (string role in Roles)
        {
            if (file.Maybe(role) is not { } token) continue;
            if (token.IsText) _tokens[role] = token.Text();
            else if (token.IsObject) _tokens[role] = token.Part("content").Text();
        }

        return true;
    }

    private bool ReadSettings(JsonPart file)
    {
        ReadTokens(file);
        if (file.Maybe("tokenizer_class")?.Text() is { } name) Class = name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^4] : name;
        ModelMaxLength = file.Maybe("model_max_length")?.NumberOrNone();
        ExtraIds = file.Maybe("extra_ids")?.Number();
        PaddingSide = Side(file.Maybe("padding_side"));
        TruncationSide = Side(file.Maybe("truncation_side"));
        foreach (string key in (string[])["do_lower_case", "strip_accents", "tokenize_chinese_chars", "add_prefix_space", "add_bos_token",
            "add_eos_token", "legacy", "keep_accents", "split_by_punct"])
            if (file.Maybe(key) is { } truth) _truths[key] = truth.Truth();
        if (file.Maybe("added_tokens_decoder") is { } added)
            Added = [.. added.Properties().Select(static p => (Number(p.Key, p.Value), TokenizerJson.Added(p.Value)))
                .OrderBy(static p => p.Item1).Select(static p => p.Item2)];
        return true;
    }

    private static int Number(string key, JsonPart part) =>
        int.TryParse(key, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int id)
            ? id
            : throw new InputException($"{part.Name} has the number {TokenizerText.Quote(key)}.");

    private static TextSide? Side(JsonPart? part) => part?.Text() switch
    {
        null => null,
        "right" => TextSide.Right,
        "left" => TextSide.Left,
        _ => throw part.Value.Wrong("left or right"),
    };
}
