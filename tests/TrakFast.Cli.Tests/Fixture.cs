using System.Text;
using System.Text.RegularExpressions;
using TrakFast.Kernels;

namespace TrakFast.Cli.Tests;

/// <summary>The digits of the <c>mlp</c> fixture with the scores MadryLab/trak gives them.</summary>
internal static partial class Fixture
{
    /// <summary>Reads an array of the fixture.</summary>
    public static DataArray Read(string name)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "fixtures", "mlp", name + ".npy"));
        int headerLength = BitConverter.ToUInt16(file, 8);
        string header = Encoding.Latin1.GetString(file, 10, headerLength);
        long[] shape =
            [.. Digits().Matches(header[header.IndexOf("'shape'", StringComparison.Ordinal)..]).Select(static m => long.Parse(m.Value))];
        ElementType type = Descriptor().Match(header).Groups[1].Value switch
        {
            "<f4" => ElementType.Float32,
            "<f8" => ElementType.Float64,
            "<i8" => ElementType.Int64,
            "|u1" => ElementType.UInt8,
            string other => throw new NotSupportedException($"{name} holds {other}."),
        };
        return new DataArray(type, shape, file.AsMemory(10 + headerLength));
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();

    [GeneratedRegex("'descr': '([^']+)'")]
    private static partial Regex Descriptor();
}
