using System.Buffers.Binary;
using System.Text.Json;
using TrakFast.Kernels;

namespace TrakFast.Onnx.Tests;

/// <summary>Reads the fixtures' checkpoints.</summary>
internal static class Safetensors
{
    public static Checkpoint Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int header = checked((int)BinaryPrimitives.ReadInt64LittleEndian(bytes));
        using JsonDocument document = JsonDocument.Parse(bytes.AsMemory(8, header));
        Dictionary<string, DataArray> tensors = [];
        foreach (JsonProperty entry in document.RootElement.EnumerateObject().Where(static e => e.Name != "__metadata__"))
        {
            ElementType type = entry.Value.GetProperty("dtype").GetString() switch
            {
                "F32" => ElementType.Float32,
                "F64" => ElementType.Float64,
                "I64" => ElementType.Int64,
                string other => throw new NotSupportedException(other),
                null => throw new NotSupportedException(),
            };
            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(static s => s.GetInt64())];
            int[] range = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(static s => s.GetInt32())];
            tensors.Add(entry.Name, new DataArray(type, shape, bytes.AsMemory(8 + header + range[0], range[1] - range[0])));
        }

        return new Checkpoint(Path.GetFileName(path), tensors);
    }
}
