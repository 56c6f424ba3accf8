using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace TrakFast;

/// <summary>Weights in several files, and the index that says which name is in which.</summary>
internal static class ShardIndex
{
    private const string Map = "weight_map";
    private const long Largest = 64 << 20;

    /// <summary>Reads the weights of all files that an index names. They lie beside it; no other is opened.</summary>
    /// <param name="path">The index; also the checkpoint's name.</param>
    /// <exception cref="CheckpointException">
    /// The index or a file cannot be read, a file lacks a name that it should have, or two files have the same one.
    /// </exception>
    public static Checkpoint Read(string path)
    {
        IReadOnlyList<(string Name, string Shard)> map = Entries(path);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".";
        OrderedDictionary<string, DataArray> tensors = new(StringComparer.Ordinal);
        Dictionary<string, string> shards = new(StringComparer.Ordinal);
        List<string> notes = [];
        foreach (string shard in map.Select(static e => e.Shard).Distinct(StringComparer.Ordinal))
        {
            string file = Path.Combine(folder, shard);
            if (!File.Exists(file))
                throw new CheckpointException($"{path} says that weights are in '{WeightNames.Short(shard)}', which is not beside it.");
            Checkpoint part = CheckpointReader.ReadShard(file);
            notes.AddRange(part.Notes);
            foreach ((string name, DataArray array) in part.Tensors)
            {
                if (!tensors.TryAdd(name, array))
                    throw new CheckpointException(
                        $"{path}: '{WeightNames.Short(name)}' is both in '{WeightNames.Short(shards[name])}' and in "
                        + $"'{WeightNames.Short(shard)}'.");
                shards.Add(name, shard);
            }
        }

        foreach ((string name, string shard) in map)
        {
            if (!shards.TryGetValue(name, out string? found) || found != shard)
                throw new CheckpointException(
                    $"{path} says that '{WeightNames.Short(name)}' is in '{WeightNames.Short(shard)}', and it is "
                    + $"{(found is null ? "in none of its files" : $"in '{WeightNames.Short(found)}'")}.");
        }

        return new Checkpoint(path, tensors) { Notes = notes };
    }

    private static List<(string Name, string Shard)> Entries(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(Bytes(path), new JsonDocumentOptions { MaxDepth = 16 });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty(Map, out JsonElement map)
                || map.ValueKind != JsonValueKind.Object)
                throw new CheckpointException($"{path} is JSON without a {Map}, so it is no index of weights.");
            List<(string, string)> entries = [];
            HashSet<string> names = new(StringComparer.Ordinal);
            foreach (JsonProperty property in map.EnumerateObject())
            {
                string? shard = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : null;
                if (shard is null || !IsFileName(shard))
                    throw new CheckpointException(
                        $"{path} says that '{WeightNames.Short(property.Name)}' is in '{WeightNames.Short(property.Value.ToString())}', "
                        + "where the name of a file beside it is wanted; nothing elsewhere is read.");
                if (!names.Add(property.Name))
                    throw new CheckpointException($"{path} names '{WeightNames.Short(property.Name)}' twice.");
                entries.Add((property.Name, shard));
            }

            return entries.Count > 0 ? entries : throw new CheckpointException($"{path} names no weights.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new CheckpointException($"{path} cannot be read as an index of weights: {error.Message.TrimEnd('.')}.", error);
        }
    }

    private static bool IsFileName(string name) =>
        name is not ("" or "." or "..") && name.AsSpan().IndexOfAny('/', '\\', ':') < 0 && !name.AsSpan().Contains('\0');

    private static ReadOnlyMemory<byte> Bytes(string path)
    {
        using SafeFileHandle file = FileBytes.Open(path, FileAccess.Read);
        long length = FileBytes.Length(file, path);
        if (length > Largest) throw new CheckpointException($"{path} has {length} bytes, more than the {Largest} that an index may have.");
        byte[] bytes = new byte[length];
        FileBytes.Read(file, path, 0, bytes);
        return bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes;
    }
}
