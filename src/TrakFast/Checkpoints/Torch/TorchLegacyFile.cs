using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace TrakFast;

/// <summary>
/// Files of torch.save before 2020, and of its old format since: pickles of a magic number, a version, facts about the system, the
/// object and the storages' keys, then the storages one behind the other, each with its number of elements.
/// </summary>
internal sealed class TorchLegacyFile : ITorchStorages
{
    // 0x1950a86a20f9469cfc6c, little-endian.
    private static readonly byte[] _magic = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];
    private const long Version = 1001;
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly MemoryAllowance _allowance;
    private readonly Dictionary<string, (long Start, long Length)> _places = new(StringComparer.Ordinal);

    private TorchLegacyFile(SafeFileHandle file, string path, MemoryAllowance allowance) =>
        (_file, _path, _allowance) = (file, path, allowance);

    /// <inheritdoc/>
    public bool IsBigEndian => false;

    /// <summary>Reads the weights of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">What errors call it.</param>
    /// <param name="key">Where in it the weights are; null to look for them.</param>
    /// <param name="allowance">What reading may take of memory.</param>
    public static Checkpoint Read(SafeFileHandle file, string path, string? key, MemoryAllowance allowance)
    {
        long length = FileBytes.Length(file, path);
        using FileSlice slice = new(file, path, 0, length);
        PickleSource source = new(slice, length, path);
        if (Unpickler.Read(source) is not PickleBytes magic || !magic.Bytes.AsSpan().SequenceEqual(_magic))
            throw new CheckpointException(
                $"{path} is a Python pickle, and none that torch.save wrote; save the weights with torch.save(model.state_dict(), file) "
                + "or safetensors.torch.save_file.");
        if (Unpickler.Read(source) is not Version)
            throw new CheckpointException($"{path} is a torch file of another version than {Version}; save it with a newer torch.");
        Unpickler.Read(source);
        object? root = Unpickler.Read(source);
        TorchLegacyFile legacy = new(file, path, allowance);
        legacy.Locate(Unpickler.Read(source), StorageSizes(root), source.Position, length);
        return new TorchWeightsFile(path, allowance).Read(root, key, legacy);
    }

    /// <inheritdoc/>
    public byte[] Read(string key, long bytes)
    {
        if (!_places.TryGetValue(key, out (long Start, long Length) place))
            throw new CheckpointException($"{_path} is damaged: it lacks the storage '{WeightNames.Short(key)}' that its pickle names.");
        if (place.Length < bytes)
            throw new CheckpointException(
                $"{_path} is damaged: its storage '{WeightNames.Short(key)}' has {place.Length} bytes, and its pickle says {bytes}.");
        _allowance.Take(place.Length, $"its storage '{WeightNames.Short(key)}'");
        byte[] storage = GC.AllocateUninitializedArray<byte>((int)place.Length);
        FileBytes.Read(_file, _path, place.Start, storage);
        return storage;
    }

    // Every storage that is there must be known by its type, or those behind it could not be found.
    private void Locate(object? keys, Dictionary<string, int> sizes, long position, long length)
    {
        if (keys is not PickleObject { Callee: null } list) throw new CheckpointException($"{_path} is damaged: it has no list of storages.");
        Span<byte> number = stackalloc byte[8];
        foreach (object? item in list.Items)
        {
            if (item is not string key || !sizes.TryGetValue(key, out int size))
                throw new CheckpointException($"{_path} is damaged: it lists a storage that its pickle does not name.");
            if (length - position < number.Length) throw CutShort(key);
            FileBytes.Read(_file, _path, position, number);
            position += number.Length;
            long count = BinaryPrimitives.ReadInt64LittleEndian(number);
            if (count < 0 || count > (length - position) / size) throw CutShort(key);
            if (!_places.TryAdd(key, (position, count * size)))
                throw new CheckpointException($"{_path} is damaged: it lists the storage '{WeightNames.Short(key)}' twice.");
            position += count * size;
        }
    }

    private CheckpointException CutShort(string key) => new($"{_path} is cut short: it ends within its storage '{WeightNames.Short(key)}'.");

    // Bytes of an element of each storage that the pickle names anywhere.
    private static Dictionary<string, int> StorageSizes(object? root)
    {
        Dictionary<string, int> sizes = new(StringComparer.Ordinal);
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        Stack<object?> open = new([root]);
        while (open.TryPop(out object? value))
        {
            if (value is not (PickleObject or PickleTuple or PickleReference) || !seen.Add(value)) continue;
            switch (value)
            {
                case PickleReference { Id: PickleTuple { Items: ["storage", PickleGlobal type, string key, ..] } }:
                    sizes[key] = StoredType.OfTorch(type.Name)?.Size ?? OtherSize(type.Name);
                    break;
                case PickleReference reference: open.Push(reference.Id); break;
                case PickleTuple tuple:
                    foreach (object? item in tuple.Items) open.Push(item);
                    break;
                case PickleObject made:
                    open.Push(made.Callee);
                    open.Push(made.Arguments);
                    open.Push(made.State);
                    foreach (object? item in made.Items) open.Push(item);
                    foreach ((object? name, object? item) in made.Entries)
                    {
                        open.Push(name);
                        open.Push(item);
                    }

                    break;
                default: break;
            }
        }

        return sizes;
    }

    private static int OtherSize(string type) => type switch
    {
        "ComplexDoubleStorage" => 16,
        "ComplexFloatStorage" => 8,
        "QInt32Storage" => 4,
        _ => 1,
    };
}
