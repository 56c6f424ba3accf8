using System.Globalization;
using System.Security.Cryptography;
using TrakFast.Onnx.Proto;

namespace TrakFast.Onnx;

/// <summary>
/// The files beside a model in which exporters put arrays that are too large for the model's own. A model may name files
/// of its folder and of folders below it, nothing else; sizes are compared before memory is taken.
/// </summary>
/// <param name="file">What errors call the model.</param>
/// <param name="folder">The model's folder; null where it is read from a stream.</param>
internal sealed class ExternalFiles(string file, string? folder)
{
    private readonly Dictionary<string, string> _checked = new(StringComparer.Ordinal);

    /// <summary>The bytes of an array.</summary>
    /// <param name="tensor">The array as the model describes it.</param>
    /// <param name="where">How an error begins: the file and what the array is.</param>
    /// <param name="length">Number of bytes its shape takes.</param>
    public byte[] Read(TensorProto tensor, string where, Int128 length)
    {
        string location = Entry(tensor, "location") ?? "";
        if (location.Length == 0) throw new TrakException($"{where} lies in another file, which the model does not name.");
        if (folder is null)
            throw new TrakException(
                $"{where} lies in the file '{location}' beside the model, which a model read from a stream does not have; "
                + "read the model by its path, or save it with its weights inside.");
        long offset = Number(tensor, where, "offset") ?? 0;
        long stated = Number(tensor, where, "length") ?? (long)Int128.Min(length, long.MaxValue);
        if (stated != length)
            throw new TrakException(
                $"{where} takes {length} bytes by its shape {Shapes.Text(tensor.Dims)}, "
                + $"but {stated} bytes of the file '{location}' are named for it.");
        string path = Resolve(where, location);
        FileInfo info = new(path);
        if (!info.Exists) throw new TrakException($"{file} keeps weights in the file '{location}', which is not beside it in '{folder}'.");
        if ((Int128)offset + length > info.Length)
            throw new TrakException(
                $"{where} lies at bytes {offset} to {(Int128)offset + length} of the file '{location}', which has {info.Length}; "
                + "copy or export both files again.");
        if (length > Array.MaxLength)
            throw new TrakException($"{where} takes {length} bytes, more than the {Array.MaxLength} of an array in memory.");
        if (length == 0) return [];
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (Entry(tensor, "checksum") is { Length: > 0 } checksum) Verify(stream, location, checksum);
        stream.Position = offset;
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.FirstOrDefault(e => e.Key == key)?.Value;

    private static long? Number(TensorProto tensor, string where, string key)
    {
        if (Entry(tensor, key) is not { } text) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new TrakException($"{where} lies in another file, but its {key} there is '{text}', which is no number of bytes.");
    }

    // Every part of the way is looked at, for a folder may be a link as well as the file.
    private string Resolve(string where, string location)
    {
        string[] parts = location.Split('/', '\\');
        if (Path.IsPathRooted(location) || location.Contains(':') || location.Contains('\0') || parts.Contains(".."))
            throw new TrakException($"{where} lies in the file '{location}'; only files in the model's folder and below it are read.");
        string root = RealPath(new DirectoryInfo(folder!));
        string path = root;
        foreach (string part in parts.Where(static p => p is not ("" or ".")))
        {
            path = Path.Combine(path, part);
            FileSystemInfo item = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
            if (item.LinkTarget is null) continue;
            path = RealPath(item);
            if (!path.StartsWith(Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                throw new TrakException(
                    $"{where} lies in the file '{location}', a link that leaves the model's folder; put the file itself there.");
        }

        return path;
    }

    private static string RealPath(FileSystemInfo item) => (item.ResolveLinkTarget(returnFinalTarget: true) ?? item).FullName;

    // The format's checksum is the SHA-1 of the whole file, so that one look at each file is enough.
    private void Verify(FileStream stream, string location, string checksum)
    {
        if (!_checked.TryGetValue(location, out string? actual))
            _checked[location] = actual = Convert.ToHexStringLower(SHA1.HashData(stream));
        if (!actual.Equals(checksum, StringComparison.OrdinalIgnoreCase))
            throw new TrakException(
                $"{file} wants the file '{location}' with the SHA-1 checksum {checksum}, "
                + $"but it has {actual}; copy or export both files again.");
    }
}
