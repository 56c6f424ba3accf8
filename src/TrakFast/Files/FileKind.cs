namespace TrakFast;

/// <summary>Recognizes files that people give where another kind is wanted, by how they begin.</summary>
public static class FileKind
{
    private const int Looked = 512;

    /// <summary>
    /// What a file is and what to do with it, as the rest of a sentence that begins with its name; null where nothing is known.
    /// </summary>
    /// <param name="path">A file that can be opened.</param>
    public static string? Recognize(string path)
    {
        byte[] head = new byte[Looked];
        int read;
        try
        {
            using FileStream stream = File.OpenRead(path);
            read = stream.CanSeek ? stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) : 0;
        }
        catch (Exception e) when (FileAccessErrors.Covers(e))
        {
            return null;
        }

        return Recognize(head.AsSpan(0, read));
    }

    private static string? Recognize(ReadOnlySpan<byte> head) => head switch
    {
        _ when head.StartsWith("PK\u0003\u0004"u8) && head.IndexOf(".npy"u8) >= 0 =>
            "is a ZIP archive of arrays, as np.savez writes it; write each array to a file of its own with np.save",
        _ when head.StartsWith("PK\u0003\u0004"u8) && (head.IndexOf("data.pkl"u8) >= 0 || head.IndexOf("/byteorder"u8) >= 0) =>
            "is a PyTorch file, as torch.save writes it; its weights are read as a checkpoint, a model is exported to ONNX, and arrays are "
            + "written with np.save",
        _ when head.StartsWith("PK\u0003\u0004"u8) =>
            "is a ZIP archive; unpack it, or write arrays with np.save and weights with safetensors.torch.save_file",
        [0x80, >= 2 and <= 5, ..] =>
            "is a Python pickle, which TrakFast does not run; write arrays with np.save and weights with safetensors.torch.save_file",
        [(byte)'{', ..] when head.IndexOf("\"weight_map\""u8) >= 0 || head.IndexOf("\"total_size\""u8) >= 0 =>
            "is the index of weights in several files (shards), which are read as a checkpoint",
        _ when head.StartsWith("\u001F"u8) && head.Length > 1 && head[1] == 0x8B => "is compressed by gzip; unpack it first",
        [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..] => "is an NPY array",
        [0x89, (byte)'H', (byte)'D', (byte)'F', ..] => "is an HDF5 file; write its arrays with np.save",
        _ when head.StartsWith("PAR1"u8) => "is a Parquet file; write its columns with np.save",
        _ when head.StartsWith("GGUF"u8) => "is a GGUF file; write the weights with safetensors.torch.save_file",
        _ => null,
    };
}
