using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>One tensor of a safetensors file: its name, what it holds, and where.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Sizes of the axes.</param>
/// <param name="Start">First byte behind the header.</param>
/// <param name="Length">Number of bytes.</param>
internal sealed record SafetensorsEntry(string Name, StoredType Type, IReadOnlyList<long> Shape, long Start, long Length);

/// <summary>The JSON header of safetensors files.</summary>
internal static class SafetensorsHeader
{
    /// <summary>The name that holds remarks instead of a tensor.</summary>
    public const string Metadata = "__metadata__";

    /// <summary>Bytes that a header may have, by the format's own definition.</summary>
    public const ulong Longest = 100_000_000;

    private const int MostAxes = 64;

    /// <summary>Reads a header and checks it against the file.</summary>
    /// <param name="json">The header.</param>
    /// <param name="path">What errors call the file.</param>
    /// <param name="dataLength">Bytes behind the header.</param>
    /// <exception cref="CheckpointException">
    /// A tensor is described wrongly, or the tensors do not fill the file without gap or overlap.
    /// </exception>
    /// <exception cref="JsonException">It is no JSON, names something twice, or is too deep.</exception>
    /// <returns>The tensors, and other names of some of them.</returns>
    public static (IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyList<(string Name, string Tensor)> OtherNames) Parse(
        ReadOnlyMemory<byte> json, string path, long dataLength)
    {
        if (!Utf8.IsValid(json.Span)) throw new CheckpointException($"{path} has an unreadable safetensors header: it is not UTF-8.");
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new CheckpointException($"{path} has an unreadable safetensors header: it is no JSON object.");
        var entries = new List<SafetensorsEntry>();
        var remarks = new List<(string Name, string Tensor)>();
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            if (!property.NameEquals(Metadata)) entries.Add(Entry(property, path));
            else if (property.Value.ValueKind == JsonValueKind.Object)
                remarks.AddRange(property.Value
                    .EnumerateObject()
                    .Where(static r => r.Value.ValueKind == JsonValueKind.String)
                    .Select(static r => (r.Name, r.Value.GetString()!)));
        }

        CheckPlaces(entries, path, dataLength);

        // Of a weight that has several names the safetensors library keeps one, and remarks on the others: "lm_head.weight": "wte.weight".
        var names = new HashSet<string>(entries.Select(static e => e.Name), StringComparer.Ordinal);
        return (entries, [.. remarks.Where(r => names.Contains(r.Tensor) && !names.Contains(r.Name))]);
    }

    /// <summary>Writes a header for tensors that follow each other, padded with spaces so that they begin at a multiple of 8.</summary>
    public static byte[] Write(IReadOnlyList<KeyValuePair<string, DataArray>> tensors)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            long offset = 0;
            json.WriteStartObject();
            foreach (var (name, array) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", TypeText(array.Type));
                json.WriteStartArray("shape");
                foreach (long size in array.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += array.Bytes.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        int padding = -buffer.WrittenCount & 7;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        return buffer.WrittenSpan.ToArray();
    }

    private static SafetensorsEntry Entry(JsonProperty property, string path)
    {
        string name = property.Name;
        string what = $"{path}: tensor '{name}'";
        if (property.Value.ValueKind != JsonValueKind.Object
            || !property.Value.TryGetProperty("dtype", out JsonElement dtype) || dtype.ValueKind != JsonValueKind.String
            || !property.Value.TryGetProperty("shape", out JsonElement shape) || shape.ValueKind != JsonValueKind.Array
            || !property.Value.TryGetProperty("data_offsets", out JsonElement offsets) || offsets.ValueKind != JsonValueKind.Array
            || property.Value.GetPropertyCount() != 3)
            throw new CheckpointException($"{what} is not described by exactly dtype, shape and data_offsets.");

        StoredType type = TypeOf(dtype.GetString()!, what);
        long[] sizes = Numbers(shape, what, "shape");
        long[] places = Numbers(offsets, what, "data_offsets");
        if (places.Length != 2 || places[1] < places[0])
            throw new CheckpointException($"{what} has data_offsets {Shapes.Text(places)}, which are no start and end.");
        if (sizes.Length > MostAxes) throw new CheckpointException($"{what} has {sizes.Length} axes; at most {MostAxes} are read.");
        long length = places[1] - places[0];
        UInt128 bytes = (UInt128)type.Size;
        foreach (long size in sizes)
        {
            // Stays below 2^126: what went in fits 63 bits.
            bytes *= (ulong)size;
            if (bytes > long.MaxValue) throw new CheckpointException($"{what} has shape {Shapes.Text(sizes)}, which no file can hold.");
        }

        if (bytes != (UInt128)length)
            throw new CheckpointException(
                $"{what} is {Kind(type)} {Shapes.Text(sizes)}, which takes {bytes} bytes, "
                + $"but its data_offsets {Shapes.Text(places)} give it {length}.");
        return new SafetensorsEntry(name, type, sizes, places[0], length);
    }

    private static long[] Numbers(JsonElement array, string what, string property)
    {
        var numbers = new long[array.GetArrayLength()];
        int i = 0;
        foreach (JsonElement element in array.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out numbers[i]) || numbers[i] < 0)
                throw new CheckpointException($"{what} has a {property} whose entry {i} is no whole number from 0 to {long.MaxValue}.");
            i++;
        }

        return numbers;
    }

    // The format wants the tensors to cover everything behind the header exactly once.
    private static void CheckPlaces(List<SafetensorsEntry> entries, string path, long dataLength)
    {
        long end = 0;
        string before = "the header";
        foreach (SafetensorsEntry entry in entries.OrderBy(static e => e.Start).ThenBy(static e => e.Length))
        {
            if (entry.Start + entry.Length > dataLength)
                throw new CheckpointException(
                    $"{path} is cut short: tensor '{entry.Name}' ends at byte {entry.Start + entry.Length} behind the header, "
                    + $"and {dataLength} are there.");
            if (entry.Start != end)
                throw new CheckpointException(
                    $"{path}: tensor '{entry.Name}' begins at byte {entry.Start}, but {before} ends at {end}; "
                    + "tensors may neither overlap nor leave gaps.");
            end = entry.Start + entry.Length;
            before = $"tensor '{entry.Name}'";
        }

        if (end != dataLength)
            throw new CheckpointException($"{path} is too long: its tensors take {end} bytes, and {dataLength} are behind the header.");
    }

    private static string TypeText(ElementType type) => type switch
    {
        ElementType.Float32 => "F32",
        ElementType.Float16 => "F16",
        ElementType.BFloat16 => "BF16",
        ElementType.Float64 => "F64",
        ElementType.Int32 => "I32",
        ElementType.Int64 => "I64",
        ElementType.UInt8 => "U8",
        ElementType.Int8 => "I8",
        _ => "BOOL",
    };

    private static string Kind(StoredType type) => type.Convert is null ? type.Type.ToString() : type.Name;

    private static StoredType TypeOf(string text, string what) => StoredType.OfSafetensors(text) ?? throw new CheckpointException(
        $"{what} has dtype '{text}'; read are F64, F32, F16, BF16, F8_E4M3, F8_E5M2, I64, I32, I16, I8, U32, U16, U8 and BOOL.");
}
