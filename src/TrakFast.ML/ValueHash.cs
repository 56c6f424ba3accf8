using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TrakFast.Datasets;

namespace TrakFast.ML;

/// <summary>A hash of all values of a source, for data that lie in no file.</summary>
internal static class ValueHash
{
    // Rows that are read at once.
    private const long BlockRows = 256;

    /// <summary>SHA-256 over every value of every row, its first 16 hex digits.</summary>
    /// <param name="source">The source.</param>
    /// <exception cref="TrakException">A row cannot be read.</exception>
    public static string Of(RowSource source)
    {
        using SHA256 hash = SHA256.Create();
        using (CryptoStream stream = new(Stream.Null, hash, CryptoStreamMode.Write))
        using (BinaryWriter writer = new(stream))
        {
            for (long start = 0; start < source.Count; start += BlockRows)
            {
                long[] rows = [.. Enumerable.Range(0, (int)Math.Min(BlockRows, source.Count - start)).Select(i => start + i)];
                foreach (object?[] row in source.Read(rows, source.Columns)) Write(writer, row);
            }
        }

        return Convert.ToHexStringLower(hash.Hash!)[..16];
    }

    // A letter for the kind goes before each value: the number 1 and the word 1 are two things.
    private static void Write(BinaryWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.Write('0');
                break;
            case string text:
                writer.Write('t');
                writer.Write(text.Length);
                writer.Write(MemoryMarshal.AsBytes(text.AsSpan()));
                break;
            case bool truth:
                writer.Write('b');
                writer.Write(truth);
                break;
            case long whole:
                writer.Write('w');
                writer.Write(whole);
                break;
            case double number:
                writer.Write('n');
                writer.Write(number);
                break;
            case Picture picture:
                writer.Write('p');
                writer.Write(picture.Width);
                writer.Write(picture.Height);
                writer.Write(picture.Pixels);
                break;
            default:
                object?[] items = (object?[])value;
                writer.Write('l');
                writer.Write(items.Length);
                foreach (object? item in items) Write(writer, item);
                break;
        }
    }
}
