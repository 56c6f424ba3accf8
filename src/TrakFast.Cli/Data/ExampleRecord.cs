using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TrakFast.Cli.Data;

/// <summary>
/// Where a run's examples came from, kept as <c>examples.json</c> in its save directory, so that reports and tables show the originals
/// without being told again.
/// </summary>
internal sealed record ExampleRecord
{
    private const string FileName = "examples.json";

    /// <summary>The training examples.</summary>
    public KeptSet? Train { get; init; }

    /// <summary>Targets by experiment.</summary>
    public Dictionary<string, KeptSet> Targets { get; init; } = [];

    /// <summary>First 16 hex digits of a SHA-256 over the record without this.</summary>
    public string? Checksum { get; init; }

    /// <summary>The file of a save directory.</summary>
    public static string PathIn(string saveDirectory) => Path.Combine(saveDirectory, FileName);

    /// <summary>Reads a save directory's record; an empty one where there is none.</summary>
    /// <exception cref="TrakException">The file cannot be read, or is damaged.</exception>
    public static ExampleRecord Read(string saveDirectory)
    {
        string path = PathIn(saveDirectory);
        try
        {
            if (!File.Exists(path)) return new ExampleRecord();
            byte[] bytes = File.ReadAllBytes(path);
            ExampleRecord? record = JsonSerializer.Deserialize(bytes, ExampleRecordJson.Default.ExampleRecord);
            return record is not null && record.ToBytes().AsSpan().SequenceEqual(bytes)
                ? record with { Checksum = null }
                : throw new TrakException(
                    $"{path} is damaged: it is not what was written. Remove it, and name the data by --train and --target.");
        }
        catch (JsonException exception)
        {
            throw new TrakException(
                $"{path} is damaged: {exception.Message.Split(" Path:")[0].TrimEnd('.')}. Remove it, and name the data by --train and --target.",
                exception);
        }
        catch (Exception exception) when (FileAccessErrors.Covers(exception))
        {
            throw FileAccessErrors.Explain("read", path, exception);
        }
    }

    /// <summary>Writes the record.</summary>
    /// <exception cref="TrakException">It cannot be written.</exception>
    public void Write(string saveDirectory) => AtomicFile.WriteBytes(PathIn(saveDirectory), ToBytes());

    private byte[] ToBytes()
    {
        byte[] plain = JsonSerializer.SerializeToUtf8Bytes(this with { Checksum = null }, ExampleRecordJson.Default.ExampleRecord);
        string checksum = Convert.ToHexStringLower(SHA256.HashData(plain))[..16];
        return JsonSerializer.SerializeToUtf8Bytes(this with { Checksum = checksum }, ExampleRecordJson.Default.ExampleRecord);
    }
}

/// <summary>A set of examples that a run read.</summary>
internal sealed record KeptSet
{
    /// <summary>NPY files by the name of their array, by full path; null for rows.</summary>
    public Dictionary<string, string>? Arrays { get; init; }

    /// <summary>Files and folders of rows, by full path; null for arrays.</summary>
    public string[]? Sources { get; init; }

    /// <summary>Columns by role or input.</summary>
    public Dictionary<string, string[]>? Columns { get; init; }

    /// <summary>The classes' names in the order of their numbers.</summary>
    public string[]? LabelNames { get; init; }

    /// <summary>How a message of a chat is written.</summary>
    public string? Template { get; init; }

    /// <summary>The tokenizer's file or folder, by full path.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Tokens that texts are cut to.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Tokens that windows of long texts share; null where they were cut.</summary>
    public int? Overlap { get; init; }

    /// <summary>Whether pictures are shown as they are stored, whatever their EXIF data say.</summary>
    public bool AsStored { get; init; }

    /// <summary>Rows that could not be read and were left out, with the reason.</summary>
    public LeftOut[]? LeftOut { get; init; }
}

/// <summary>A row that was left out.</summary>
/// <param name="Row">Its place in the source, from 0.</param>
/// <param name="Reason">Why.</param>
internal sealed record LeftOut(long Row, string Reason);

/// <summary>How the record is written.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ExampleRecord))]
internal sealed partial class ExampleRecordJson : JsonSerializerContext;
