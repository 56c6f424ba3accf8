using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TrakFast;

/// <summary>
/// Reads weights as training programs leave them: safetensors files, PyTorch's files (ZIP archives and older pickles), both in
/// several files with an index, and folders of Hugging Face's Trainer. What a file is shows in how it begins, not in its name.
/// Nothing that a file says is ever run.
/// </summary>
public static class CheckpointReader
{
    private const int Looked = 512;

    /// <summary>Reads the weights of a file or folder.</summary>
    /// <param name="path">A file, an index of several, or a folder with either; also the checkpoint's name.</param>
    /// <param name="weightsKey">
    /// Where in the file the weights are, with dots between the keys: <c>ema.state_dict</c>; in files without keys the beginning of
    /// the names. Null to look for them.
    /// </param>
    /// <exception cref="CheckpointException">
    /// There are no weights, several that could be meant, or what is there is damaged or of a kind that is not read.
    /// </exception>
    public static Checkpoint Read(string path, string? weightsKey = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return TypedErrors.As(
            () => ReadFile(CheckpointFolder.Weights(path), weightsKey),
            static (sentence, cause) => new CheckpointException(sentence, cause));
    }

    /// <summary>Reads one of several files that an index names; none of them is an index itself.</summary>
    /// <param name="path">The file.</param>
    internal static Checkpoint ReadShard(string path) => ReadFile(path, null, isShard: true);

    private static Checkpoint ReadFile(string path, string? weightsKey, bool isShard = false)
    {
        using SafeFileHandle file = FileBytes.Open(path, FileAccess.Read);
        long length = FileBytes.Length(file, path);
        byte[] head = new byte[Math.Min(length, Looked)];
        FileBytes.Read(file, path, 0, head);
        MemoryAllowance allowance = new(path, length);
        return head switch
        {
            [0x50, 0x4B, 0x03, 0x04, ..] => TorchZipFile.Read(file, path, weightsKey, allowance),
            [0x80, >= 1 and <= 5, ..] => TorchLegacyFile.Read(file, path, weightsKey, allowance),
            _ when !isShard && IsIndex(head) => Part(ShardIndex.Read(path), weightsKey),
            _ when head.AsSpan().IndexOf("ustar"u8) == 257 => throw new CheckpointException(
                $"{path} is a tar archive, as torch.save wrote them before 2017; save it again with a newer torch."),
            _ => Part(SafetensorsFile.Read(path), weightsKey),
        };
    }

    // A safetensors file has its header's length in the eight bytes before the brace.
    private static bool IsIndex(ReadOnlySpan<byte> head) =>
        Encoding.UTF8.GetString(head).TrimStart('\uFEFF', ' ', '\t', '\r', '\n').StartsWith('{');

    private static Checkpoint Part(Checkpoint checkpoint, string? key)
    {
        if (key is null) return checkpoint;
        OrderedDictionary<string, DataArray> part = new(StringComparer.Ordinal);
        foreach ((string name, DataArray array) in checkpoint.Tensors)
        {
            if (name.Length > key.Length + 1 && name[key.Length] == '.' && name.StartsWith(key, StringComparison.Ordinal))
                part.Add(name[(key.Length + 1)..], array);
        }

        if (part.Count == 0)
            throw new CheckpointException(
                $"{checkpoint.Name} has no names that begin with '{WeightNames.Short(key)}.'; "
                + $"it has {WeightNames.List([.. checkpoint.Tensors.Keys])}.");
        return new Checkpoint(checkpoint.Name, part) { Notes = checkpoint.Notes };
    }
}
