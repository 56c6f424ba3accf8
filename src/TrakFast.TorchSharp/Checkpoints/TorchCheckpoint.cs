using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>Checkpoints from TorchSharp.</summary>
public static class TorchCheckpoint
{
    /// <summary>Copies a module's parameters and buffers.</summary>
    /// <param name="module">The module.</param>
    /// <param name="name">What errors call the checkpoint; null for the module's type.</param>
    public static Checkpoint From(nn.Module module, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        TorchLibrary.Require();
        return From(module.state_dict(), name ?? (module is jit.ScriptModule ? "the TorchScript model" : module.GetType().Name));
    }

    /// <summary>Copies a state dict.</summary>
    /// <param name="state">Tensors by name.</param>
    /// <param name="name">What errors call the checkpoint.</param>
    public static Checkpoint From(IReadOnlyDictionary<string, Tensor> state, string name)
    {
        ArgumentNullException.ThrowIfNull(state);
        TorchLibrary.Require();
        return new Checkpoint(
            name, state.ToDictionary(static s => s.Key, static s => TorchMemory.ToArray(s.Value), StringComparer.Ordinal));
    }

    /// <summary>Reads a file that a module's <c>save</c> wrote. libtorch is not needed.</summary>
    /// <param name="path">The file, <c>.dat</c> by custom.</param>
    /// <exception cref="CheckpointException">The file cannot be read or is not such a file.</exception>
    public static Checkpoint ReadDat(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using FileStream file = File.OpenRead(path);
            return new Checkpoint(Path.GetFileName(path), DatReader.Read(file, path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path} cannot be read: {exception.Message}", exception);
        }
    }
}
