namespace TrakFast;

/// <summary>Folders that training programs leave: which file in them has the weights.</summary>
public static class CheckpointFolder
{
    private const int MostListed = 10_000;

    // A whole model before an adapter to one.
    private static readonly string[] _known =
    [
        "model.safetensors.index.json", "model.safetensors", "pytorch_model.bin.index.json", "pytorch_model.bin",
        "diffusion_pytorch_model.safetensors.index.json", "diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin",
        LoraAdapter.SafetensorsName, LoraAdapter.BinName,
    ];

    private static readonly string[] _endings = [".safetensors", ".pt", ".pth", ".ckpt", ".bin"];
    private static readonly string[] _others = ["optimizer", "scheduler", "scaler", "rng_state", "training_args", "trainer_state"];

    /// <summary>
    /// Folders called <c>checkpoint-N</c> within a folder, by N, as Hugging Face's Trainer leaves them; none where the folder has weights
    /// of its own or is no folder.
    /// </summary>
    /// <param name="path">A path.</param>
    /// <exception cref="CheckpointException">The folder cannot be read.</exception>
    public static IReadOnlyList<string> Steps(string path)
    {
        if (!Directory.Exists(path) || _known.Any(name => File.Exists(Path.Combine(path, name)))) return [];
        return [.. Listed(path, Directory.EnumerateDirectories)
            .Where(static folder => IsStep(Path.GetFileName(folder)))
            .Order(NaturalOrder.Instance)];
    }

    /// <summary>The file with the weights: the path itself, or the one in the folder.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <exception cref="CheckpointException">The folder has none, several, or weights in pieces that another program puts together.</exception>
    internal static string Weights(string path)
    {
        if (!Directory.Exists(path)) return path;
        if (_known.FirstOrDefault(name => File.Exists(Path.Combine(path, name))) is { } known) return Path.Combine(path, known);
        string[] files = [.. Listed(path, Directory.EnumerateFiles)], folders = [.. Listed(path, Directory.EnumerateDirectories)];
        RefusePieces(path, files, folders);
        string[] weights = [.. files.Where(static f => IsWeights(Path.GetFileName(f))).Order(NaturalOrder.Instance)];
        if (weights.Length == 1) return weights[0];
        if (weights.Length > 1)
            throw new CheckpointException(
                $"{path} holds {WeightNames.List([.. weights.Select(Path.GetFileName).OfType<string>()])}; name the file, "
                + $"or all of them by a pattern such as '{Path.Combine(path, "*" + Path.GetExtension(weights[0]))}'.");
        string[] steps = [.. folders.Select(Path.GetFileName).OfType<string>().Where(IsStep).Order(NaturalOrder.Instance)];
        throw new CheckpointException(steps.Length > 0
            ? $"{path} holds {WeightNames.List(steps)}; name one of them."
            : $"{path} cannot be read: it is a directory without weights, with no {_known[1]}, {_known[3]} or other file that ends in "
                + $"{string.Join(", ", _endings)}.");
    }

    private static void RefusePieces(string path, string[] files, string[] folders)
    {
        string[] names = [.. files.Concat(folders).Select(Path.GetFileName).OfType<string>()];
        if (names.Any(static n => n.StartsWith("zero_pp_rank_", StringComparison.Ordinal) || n.EndsWith("_model_states.pt", StringComparison.Ordinal)
            || n.StartsWith("global_step", StringComparison.Ordinal)))
            throw new CheckpointException(
                $"{path} is a checkpoint of DeepSpeed, in pieces; put it together with the program that DeepSpeed left there: "
                + "python zero_to_fp32.py . model --safe_serialization.");
        if (names.Any(static n => n.EndsWith(".distcp", StringComparison.Ordinal) || n == ".metadata"
            || n.StartsWith("pytorch_model_fsdp", StringComparison.Ordinal)))
            throw new CheckpointException(
                $"{path} is a distributed checkpoint of torch (FSDP), in pieces; put it together with "
                + "python -m torch.distributed.checkpoint.format_utils dcp_to_torch FOLDER model.pt.");
        if (names.Contains("saved_model.pb") || names.Any(static n => n.EndsWith(".ckpt.index", StringComparison.Ordinal)))
            throw new CheckpointException($"{path} is a checkpoint of TensorFlow; weights of PyTorch or safetensors are read.");
    }

    private static bool IsStep(string name) =>
        name.StartsWith("checkpoint-", StringComparison.Ordinal) && name.Length > 11 && name.AsSpan(11).IndexOfAnyExceptInRange('0', '9') < 0;

    private static bool IsWeights(string name) =>
        _endings.Any(e => name.EndsWith(e, StringComparison.Ordinal)) && !_others.Any(o => name.StartsWith(o, StringComparison.Ordinal));

    private static IEnumerable<string> Listed(string path, Func<string, IEnumerable<string>> list)
    {
        try
        {
            return [.. list(path).Take(MostListed)];
        }
        catch (Exception error) when (FileAccessErrors.Covers(error))
        {
            throw new CheckpointException(FileAccessErrors.Explain("read", path, error).Message, error);
        }
    }
}
