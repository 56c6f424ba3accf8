using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TrakFast;

/// <summary>Files of torch.save since 2020: a ZIP archive with a pickle and a file for each storage.</summary>
internal sealed class TorchZipFile : ITorchStorages
{
    private const string Pickle = "data.pkl";
    private readonly string _path;
    private readonly ZipReader _zip;
    private readonly string _folder;
    private readonly bool _hasChecksums;
    private readonly Dictionary<string, ZipEntry> _entries = new(StringComparer.Ordinal);
    private readonly byte[] _pickle;

    private TorchZipFile(SafeFileHandle file, string path, MemoryAllowance allowance)
    {
        _path = path;
        _zip = new ZipReader(file, path, allowance);
        foreach (ZipEntry entry in _zip.Entries) _entries.TryAdd(entry.Name, entry);
        ZipEntry pickle = _zip.Entries
            .Where(static e => e.Name == Pickle || e.Name.EndsWith("/" + Pickle, StringComparison.Ordinal))
            .MinBy(static e => e.Name.Length)
            ?? throw new CheckpointException($"{path} {FileKind.Recognize(path) ?? "is a ZIP archive without torch's data.pkl"}.");
        _folder = pickle.Name[..^Pickle.Length];
        if (_entries.ContainsKey(_folder + "constants.pkl")
            || _entries.Keys.Any(name => name.StartsWith(_folder + "code/", StringComparison.Ordinal)))
            throw new CheckpointException(
                $"{path} is a TorchScript archive, a program with its weights; save the weights alone, "
                + "torch.save(torch.jit.load(file).state_dict(), other), or export the model to ONNX.");
        _pickle = _zip.Read(pickle, checksum: false);

        // torch can be told to write none; then all entries lack them alike.
        _hasChecksums = ZipReader.HasChecksum(pickle, _pickle);
        if (!_hasChecksums && pickle.Checksum != 0 && pickle.Method != 0)
            throw new CheckpointException($"{path} is damaged: its entry '{pickle.Name}' is not what was written, by its checksum.");
        if (_entries.TryGetValue(_folder + "byteorder", out ZipEntry? order))
            IsBigEndian = Encoding.Latin1.GetString(_zip.Read(order, _hasChecksums)).Trim() == "big";
    }

    /// <inheritdoc/>
    public bool IsBigEndian { get; }

    /// <summary>Reads the weights of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">What errors call it.</param>
    /// <param name="key">Where in it the weights are; null to look for them.</param>
    /// <param name="allowance">What reading may take of memory.</param>
    public static Checkpoint Read(SafeFileHandle file, string path, string? key, MemoryAllowance allowance)
    {
        TorchZipFile zip = new(file, path, allowance);
        using MemoryStream stream = new(zip._pickle);
        object? root = Unpickler.Read(new PickleSource(stream, zip._pickle.Length, path));
        return new TorchWeightsFile(path, allowance).Read(root, key, zip);
    }

    /// <inheritdoc/>
    public byte[] Read(string key, long bytes)
    {
        if (!_entries.TryGetValue($"{_folder}data/{key}", out ZipEntry? entry))
            throw new CheckpointException($"{_path} is damaged: it lacks the storage '{WeightNames.Short(key)}' that its pickle names.");
        if (entry.Length < bytes)
            throw new CheckpointException(
                $"{_path} is damaged: its storage '{WeightNames.Short(key)}' has {entry.Length} bytes, and its pickle says {bytes}.");
        return _zip.Read(entry, _hasChecksums);
    }
}
