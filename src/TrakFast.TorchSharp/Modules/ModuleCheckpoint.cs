using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using TrakFast.Kernels;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>Copies a checkpoint over a module's weights, or says everything that stands in the way; and the weights' hash.</summary>
internal static class ModuleCheckpoint
{
    /// <summary>Replaces the weights.</summary>
    public static void Load(string model, ModuleState state, Checkpoint checkpoint)
    {
        CheckpointDifferences differences = new(checkpoint.Name, model);
        Dictionary<StateEntry, DataArray> found = [];
        foreach (StateEntry entry in state.Entries)
        {
            string[] names = [.. entry.Names.Where(checkpoint.Tensors.ContainsKey)];
            if (names.Length == 0)
            {
                if (entry.Required) differences.Missing(entry.Name, entry.Shape);
                continue;
            }

            DataArray array = checkpoint.Tensors[names[0]];
            if (!differences.Takes(names[0], array, entry.Shape)) continue;
            if (names.Skip(1).FirstOrDefault(n => !CheckpointDifferences.Same(array, checkpoint.Tensors[n])) is { } other)
                differences.Wrong($"{other} with other values than {names[0]}, which the model has as one");
            else found.Add(entry, array);
        }

        HashSet<string> known = [.. state.Entries.SelectMany(static e => e.Names)];
        foreach ((string name, DataArray array) in checkpoint.Tensors)
        {
            if (!known.Contains(name) && array.Type.IsFloat() && !CheckpointDifferences.IsCounter(name)
                && !CheckpointDifferences.IsTied(checkpoint, array, known))
                differences.Extra(name, array);
        }

        differences.ThrowIfAny();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable untracked = no_grad();
        foreach ((StateEntry entry, DataArray array) in found)
        {
            using Tensor source = TorchMemory.ToTensor(array, CPU);
            entry.Replace(source);
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
            hash.AppendData(TorchMemory.ToArray(entry.Values.to_type(ScalarType.Float32)).Bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
