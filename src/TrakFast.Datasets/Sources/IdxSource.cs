using System.Buffers.Binary;
using System.IO.Compression;

namespace TrakFast.Datasets;

/// <summary>
/// An IDX file of pictures as MNIST has them (<c>train-images-idx3-ubyte</c>, plain or gzip), with its file of labels beside it. Columns
/// are <c>image</c> and, where there are labels, <c>label</c>.
/// </summary>
public sealed class IdxSource : RowSource
{
    // Unpacked data are held in memory; MNIST takes 47 MB.
    private const long MostUnpacked = 1L << 30;
    private readonly IdxFile _images;
    private readonly IdxFile? _labels;

    private IdxSource(IdxFile images, IdxFile? labels) => (_images, _labels) = (images, labels);

    /// <inheritdoc/>
    public override string Name => _images.Path;

    /// <inheritdoc/>
    public override long Count => _images.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => _labels is null ? ["image"] : ["image", "label"];

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Path)> Files =>
        _labels is null ? [("images", _images.Path)] : [("images", _images.Path), ("labels", _labels.Path)];

    /// <summary>Whether a file is an IDX file, by its first bytes or, packed, by its name.</summary>
    internal static bool IsIdx(string path)
    {
        string name = Path.GetFileName(path);
        return name.Contains("idx3-ubyte", StringComparison.Ordinal) || name.Contains("idx1-ubyte", StringComparison.Ordinal)
            || name.Contains("idx4-ubyte", StringComparison.Ordinal)
            || name.EndsWith(".idx", StringComparison.Ordinal) || name.EndsWith(".idx.gz", StringComparison.Ordinal)
            || name.EndsWith("-ubyte", StringComparison.Ordinal) || name.EndsWith("-ubyte.gz", StringComparison.Ordinal);
    }

    /// <summary>Opens an IDX file of pictures.</summary>
    /// <param name="path">Bytes [n, height, width] or [n, height, width, 3].</param>
    /// <exception cref="TrakException">The file cannot be read, is no IDX file of pictures, or its labels are of another number.</exception>
    public static IdxSource Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        IdxFile images = IdxFile.Read(path, MostUnpacked);
        if (images.Sizes.Count is not (3 or 4) || (images.Sizes.Count == 4 && images.Sizes[3] != 3))
            throw new InputException($"{path} holds bytes {Shape(images)}; pictures are [n, height, width] or [n, height, width, 3].");
        string? beside = LabelsOf(path);
        IdxFile? labels = beside is null ? null : IdxFile.Read(beside, MostUnpacked);
        if (labels is { Sizes.Count: not 1 }) throw new InputException($"{beside} holds bytes {Shape(labels)}; labels are [n].");
        if (labels is not null && labels.Count != images.Count)
            throw new InputException($"{path} has {images.Count} pictures, and {beside} {labels.Count} labels.");
        return new IdxSource(images, labels);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<object?[]> Read(IReadOnlyList<long> rows, IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.FirstOrDefault(column => !Columns.Contains(column)) is { } missing) throw NoColumn(missing);
        return [.. rows.Select(row => columns.Select(column => column == "image" ? Image(row) : (object?)(long)_labels!.Row(row)[0]).ToArray())];
    }

    private Picture Image(long row)
    {
        (int height, int width) = (_images.Sizes[1], _images.Sizes[2]);
        ReadOnlySpan<byte> pixels = _images.Row(row);
        return _images.Sizes.Count == 4 ? new Picture(width, height, pixels.ToArray()) : Gray(width, height, pixels);
    }

    private static Picture Gray(int width, int height, ReadOnlySpan<byte> values)
    {
        byte[] pixels = new byte[3 * values.Length];
        for (int i = 0; i < values.Length; i++) pixels.AsSpan(3 * i, 3).Fill(values[i]);
        return new Picture(width, height, pixels, isGray: true);
    }

    // images-idx3 and labels-idx1, as they are offered for download, or images.idx3 as some rename them.
    private static string? LabelsOf(string path)
    {
        string name = Path.GetFileName(path), folder = Path.GetDirectoryName(path) ?? string.Empty;
        string labels = name.Replace("images", "labels", StringComparison.Ordinal).Replace("idx3", "idx1", StringComparison.Ordinal)
            .Replace("idx4", "idx1", StringComparison.Ordinal);
        if (labels == name) return null;
        string[] candidates = [labels, labels.EndsWith(".gz", StringComparison.Ordinal) ? labels[..^3] : labels + ".gz"];
        return candidates.Select(c => Path.Combine(folder, c)).FirstOrDefault(File.Exists);
    }

    private static string Shape(IdxFile file) => $"[{string.Join(", ", file.Sizes)}]";

    /// <summary>An IDX file of bytes, in memory.</summary>
    private sealed class IdxFile
    {
        private readonly byte[] _bytes;
        private readonly int _header;
        private readonly int _rowBytes;

        private IdxFile(string path, byte[] bytes, int[] sizes)
        {
            (Path, _bytes, Sizes, _header) = (path, bytes, sizes, 4 + (4 * sizes.Length));
            _rowBytes = sizes.Skip(1).Aggregate(1, static (a, b) => a * b);
        }

        public string Path { get; }

        public IReadOnlyList<int> Sizes { get; }

        public long Count => Sizes[0];

        public ReadOnlySpan<byte> Row(long row) => _bytes.AsSpan(checked(_header + ((int)row * _rowBytes)), _rowBytes);

        public static IdxFile Read(string path, long most)
        {
            byte[] bytes;
            try
            {
                bytes = Bytes(path, most);
            }
            catch (InvalidDataException exception)
            {
                throw new InputException($"{path} is no gzip file, or damaged.", exception);
            }
            catch (Exception exception) when (FileAccessErrors.Covers(exception))
            {
                throw FileAccessErrors.Explain("read", path, exception);
            }

            if (bytes.Length < 8 || bytes[0] != 0 || bytes[1] != 0 || bytes[3] is 0 or > 4 || bytes.Length < 4 + (4 * bytes[3]))
                throw new InputException($"{path} is no IDX file: it does not begin as one.");
            if (bytes[2] != 0x08) throw new InputException($"{path} is an IDX file of the type 0x{bytes[2]:x2}; bytes, 0x08, are read.");
            int[] sizes = [.. Enumerable.Range(0, bytes[3]).Select(i => BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(4 + (4 * i))))];
            Int128 wanted = sizes.Aggregate((Int128)1, static (a, b) => a * b);
            int held = bytes.Length - 4 - (4 * sizes.Length);
            if (sizes.Any(static s => s <= 0) || wanted != held)
                throw new InputException($"{path} says that it holds bytes [{string.Join(", ", sizes)}], and it has {held}.");
            return new IdxFile(path, bytes, sizes);
        }

        private static byte[] Bytes(string path, long most)
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (file.Length > most) throw new InputException($"{path} has {file.Length} bytes; IDX files of up to {most} are read.");
            if (!path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            {
                byte[] plain = new byte[file.Length];
                file.ReadExactly(plain);
                return plain;
            }

            using GZipStream unpacked = new(file, CompressionMode.Decompress);
            using MemoryStream memory = new();
            byte[] room = new byte[1 << 16];
            for (int got; (got = unpacked.Read(room)) > 0;)
            {
                if (memory.Length + got > most) throw new InputException($"{path} holds more than {most} bytes unpacked.");
                memory.Write(room, 0, got);
            }

            return memory.ToArray();
        }
    }
}
