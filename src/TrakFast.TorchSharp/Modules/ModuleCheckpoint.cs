using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using TrakFast.Kernels;
using static TorchSharp.torch;
using static TrakFast.Onnx.UniformArrays;
using FloatCheck = TrakFast.Onnx.FloatCheck;

namespace TrakFast.TorchSharp;

/// <summary>Copies a checkpoint over a module's weights, or says everything that stands in the way; and the weights' hash.</summary>
internal static class ModuleCheckpoint
{
    private const string BatchCounter = "num_batches_tracked";
    private const int MostNamed = 12;

    /// <summary>Replaces the weights.</summary>
    public static void Load(string model, ModuleState state, Checkpoint checkpoint)
    {
        List<string> shapes = [], missing = [], values = [];
        Dictionary<StateEntry, DataArray> found = [];
        foreach (StateEntry entry in state.Entries)
        {
            string[] names = [.. entry.Names.Where(checkpoint.Tensors.ContainsKey)];
            if (names.Length == 0)
            {
                if (entry.Required) missing.Add($"{entry.Name} {Shapes.Text(entry.Shape)}");
                continue;
            }

            DataArray array = checkpoint.Tensors[names[0]];
            if (!array.Shape.SequenceEqual(entry.Shape)) shapes.Add($"{names[0]} {Shapes.Text(array.Shape)}, the model wants {Shapes.Text(entry.Shape)}");
            else if (!array.Type.IsFloat()) values.Add($"{names[0]} of type {array.Type} where floating-point numbers are wanted");
            else if (Unusable(array) is { } unusable) values.Add($"{names[0]}{unusable}");
            else if (names.Skip(1).FirstOrDefault(n => !Same(array, checkpoint.Tensors[n])) is { } other) values.Add($"{other} with other values than {names[0]}, which the model has as one");
            else found.Add(entry, array);
        }

        HashSet<string> known = [.. state.Entries.SelectMany(static e => e.Names)];
        string[] extra = [.. checkpoint.Tensors.Where(t => !known.Contains(t.Key) && t.Value.Type.IsFloat() && !Ignored(t.Key) && !Tied(checkpoint, t.Value, known)).Select(static t => $"{t.Key} {Shapes.Text(t.Value.Shape)}")];
        List<string> differences = [];
        if (shapes.Count > 0) differences.Add($"has {Several(shapes, "; ")}");
        if (values.Count > 0) differences.Add($"has {Several(values, "; ")}");
        if (missing.Count > 0) differences.Add($"lacks {Several(missing, ", ")}");
        if (extra.Length > 0) differences.Add($"holds {Several(extra, ", ")}, which the model {model} does not have");
        if (differences.Count > 0) throw new TrakException($"{checkpoint.Name} {string.Join("; it ", differences)}.");

        using DisposeScope scope = NewDisposeScope();
        using IDisposable untracked = no_grad();
        foreach ((StateEntry entry, DataArray array) in found)
        {
            Tensor source = TorchMemory.ToTensor(array, CPU);
            foreach (Tensor tensor in entry.Tensors) tensor.copy_(source);
            entry.Original?.copy_(source);
        }
    }

    /// <summary>SHA-256 over names, shapes and float32 values.</summary>
    public static string Hash(ModuleState state)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (StateEntry entry in state.Entries)
        {
            using DisposeScope scope = NewDisposeScope();
            hash.AppendData(Encoding.UTF8.GetBytes($"{entry.Name}\n{Shapes.Text(entry.Shape)}\n"));
            hash.AppendData(TorchMemory.ToArray((entry.Original ?? entry.Tensors[0]).to_type(ScalarType.Float32)).Bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static bool Ignored(string name) => name == BatchCounter || name.EndsWith("." + BatchCounter, StringComparison.Ordinal);

    private static bool Same(DataArray a, DataArray b) => a.Type == b.Type && a.Shape.SequenceEqual(b.Shape) && a.Bytes.SequenceEqual(b.Bytes);

    // A state dict may list a weight that layers share once for each of them. Arrays of one repeated number are equal without
    // being shared.
    private static bool Tied(Checkpoint checkpoint, DataArray array, HashSet<string> known) =>
        !array.IsUniform() && checkpoint.Tensors.Any(other => known.Contains(other.Key) && Same(other.Value, array));

    // Also catches a float64 that float32 cannot hold.
    private static string? Unusable(DataArray array)
    {
        ReadOnlySpan<float> values = array.Type == ElementType.Float32 ? array.Values<float>() : array.ToFloats();
        long position = FloatCheck.FirstNotFinite(values);
        if (position < 0) return null;
        List<long> index = [];
        long rest = position;
        foreach (long size in array.Shape.Reverse())
        {
            index.Insert(0, rest % size);
            rest /= size;
        }

        return $"{Shapes.Text(index)} = {values[(int)position]}, which is not a finite float32 number";
    }

    private static string Several(IReadOnlyCollection<string> items, string separator) => items.Count <= MostNamed
        ? string.Join(separator, items)
        : $"{string.Join(separator, items.Take(MostNamed))} and {items.Count - MostNamed} more";
}
