namespace TrakFast;

/// <summary>
/// Names of a LoRA adapter's layers. A model has the adapter's own name in them (<c>q.lora_A.default.weight</c>), a file of PEFT does
/// not (<c>q.lora_A.weight</c>).
/// </summary>
internal static class AdapterNames
{
    private const string Saved = ".modules_to_save.";
    private static readonly string[] _layers = [".lora_A.", ".lora_B.", ".lora_embedding_A.", ".lora_embedding_B."];

    /// <summary>Whether a name is that of an adapter's layer.</summary>
    public static bool IsLayer(string name) => name.Contains(".lora_", StringComparison.Ordinal) || name.StartsWith("lora_", StringComparison.Ordinal);

    /// <summary>What the names of a model are in a file of PEFT, for those where that differs: by the file's name the model's.</summary>
    /// <param name="wanted">The model's names.</param>
    public static IReadOnlyDictionary<string, string> InFiles(IEnumerable<string> wanted)
    {
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        foreach (string name in wanted)
        {
            if (WithoutAdapter(name) is { } inFile) names.TryAdd(inFile, name);
        }

        return names;
    }

    private static string? WithoutAdapter(string name)
    {
        int saved = name.IndexOf(Saved, StringComparison.Ordinal);
        if (saved >= 0)
        {
            int dot = name.IndexOf('.', saved + Saved.Length);
            return dot < 0 ? null : name[..saved] + name[dot..];
        }

        foreach (string layer in _layers)
        {
            int at = name.IndexOf(layer, StringComparison.Ordinal);
            if (at < 0) continue;
            int start = at + layer.Length - 1, dot = name.IndexOf('.', start + 1);

            // Embeddings' matrices have no further part: lora_embedding_A.default.
            if (dot < 0) return layer.Contains("embedding", StringComparison.Ordinal) ? name[..start] : null;
            return name[..start] + name[dot..];
        }

        return null;
    }
}
