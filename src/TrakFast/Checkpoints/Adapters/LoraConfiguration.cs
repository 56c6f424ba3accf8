using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;

namespace TrakFast;

/// <summary>What an <c>adapter_config.json</c> of PEFT says about merging.</summary>
internal sealed class LoraConfiguration
{
    private const long Largest = 16 << 20;
    private readonly string _path;
    private readonly double _alpha;
    private readonly bool _isStabilized;
    private readonly List<(Regex Pattern, double Alpha)> _alphas = [];

    private LoraConfiguration(string path, JsonElement root)
    {
        _path = path;
        if (Word(root, "peft_type") is { } type && type != "LORA")
            throw new CheckpointException($"{path} describes an adapter of type {WeightNames.Short(type)}; LORA is merged.");
        foreach (string other in new[] { "use_dora", "lora_bias", "use_qalora", "alora_invocation_tokens", "arrow_config", "corda_config" })
        {
            if (root.TryGetProperty(other, out JsonElement value) && value.ValueKind is not (JsonValueKind.False or JsonValueKind.Null))
                throw new CheckpointException($"{path} says {other}; plain LoRA is merged: merge this one with PEFT's merge_and_unload().");
        }

        _alpha = Number(root, "lora_alpha") ?? throw new CheckpointException($"{path} says no lora_alpha.");
        _isStabilized = Truth(root, "use_rslora");
        IsTransposed = Truth(root, "fan_in_fan_out");
        if (!root.TryGetProperty("alpha_pattern", out JsonElement patterns) || patterns.ValueKind != JsonValueKind.Object) return;
        foreach (JsonProperty pattern in patterns.EnumerateObject())
        {
            if (pattern.Value.ValueKind != JsonValueKind.Number) throw new CheckpointException($"{path} has an alpha_pattern that is no number.");
            _alphas.Add((Pattern(pattern.Name), pattern.Value.GetDouble()));
        }
    }

    /// <summary>Whether the layers it adapts keep their weights [in, out].</summary>
    public bool IsTransposed { get; }

    /// <summary>Reads the file.</summary>
    /// <param name="path">Its path.</param>
    public static LoraConfiguration Read(string path)
    {
        using SafeFileHandle file = FileBytes.Open(path, FileAccess.Read);
        long length = FileBytes.Length(file, path);
        if (length > Largest)
            throw new CheckpointException($"{path} has {length} bytes, more than the {Largest} that an adapter's configuration may have.");
        byte[] bytes = new byte[length];
        FileBytes.Read(file, path, 0, bytes);
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new CheckpointException($"{path} is no JSON object, so it is no adapter's configuration.");
            return new LoraConfiguration(path, document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new CheckpointException($"{path} cannot be read as an adapter's configuration: {error.Message.TrimEnd('.')}.", error);
        }
    }

    /// <summary>The factor of B·A.</summary>
    /// <param name="module">The layer's name.</param>
    /// <param name="rank">The adapter's rank there, r.</param>
    public double Scale(string module, long rank)
    {
        double alpha = _alpha;
        foreach ((Regex pattern, double other) in _alphas)
        {
            if (!pattern.IsMatch(module)) continue;
            alpha = other;
            break;
        }

        double scale = alpha / (_isStabilized ? Math.Sqrt(rank) : rank);
        return double.IsFinite(scale) ? scale : throw new CheckpointException($"{_path} gives the factor {scale} for '{WeightNames.Short(module)}'.");
    }

    // As PEFT has it: the pattern, at the end of the layer's name and after a dot.
    private Regex Pattern(string text)
    {
        try
        {
            return new Regex($@"^(?:.*\.)?(?:{text})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new CheckpointException($"{_path} has the alpha_pattern '{WeightNames.Short(text)}', which cannot be read.", error);
        }
    }

    private static string? Word(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static bool Truth(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;
}
