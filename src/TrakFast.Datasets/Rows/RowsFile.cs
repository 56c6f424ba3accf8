using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using Parquet;
using Parquet.Schema;

namespace TrakFast.Datasets;

/// <summary>Writes rows as a file that other programs read.</summary>
public static class RowsFile
{
    /// <summary>Writes rows, the whole file or nothing.</summary>
    /// <param name="path">A .csv, .jsonl or .parquet file, by its ending.</param>
    /// <param name="columns">Names of the columns, each once.</param>
    /// <param name="rows">For each row a value for each column: null, text, truth value, whole number, number or bytes.</param>
    /// <exception cref="TrakException">The ending is another, or the file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        Action<Stream> write = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" => stream => WriteCsv(stream, columns, rows),
            ".jsonl" => stream => WriteJsonLines(stream, columns, rows),
            ".parquet" => stream => WriteParquetAsync(stream, columns, rows).GetAwaiter().GetResult(),
            _ => throw new InputException($"{path} has none of the endings .csv, .jsonl and .parquet, which say how rows are written."),
        };
        AtomicFile.Write(path, write);
    }

    private static void WriteCsv(Stream stream, IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows)
    {
        using StreamWriter text = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        using CsvWriter writer = new(text, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" }, leaveOpen: true);
        foreach (string column in columns) writer.WriteField(column);
        writer.NextRecord();
        foreach (object?[] row in rows)
        {
            foreach (object? value in row) writer.WriteField(value is byte[] bytes ? Convert.ToBase64String(bytes) : Text(value));
            writer.NextRecord();
        }
    }

    private static void WriteJsonLines(Stream stream, IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows)
    {
        foreach (object?[] row in rows)
        {
            using (Utf8JsonWriter writer =
                new(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                writer.WriteStartObject();
                for (int i = 0; i < columns.Count; i++)
                {
                    writer.WritePropertyName(columns[i]);
                    WriteJson(writer, row[i]);
                }

                writer.WriteEndObject();
            }

            stream.WriteByte((byte)'\n');
        }
    }

    private static void WriteJson(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case bool truth: writer.WriteBooleanValue(truth); break;
            case long whole: writer.WriteNumberValue(whole); break;
            case double number when double.IsFinite(number): writer.WriteNumberValue(number); break;
            case byte[] bytes: writer.WriteBase64StringValue(bytes); break;
            default: writer.WriteStringValue(Text(value)); break;
        }
    }

    private static async Task WriteParquetAsync(Stream stream, IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows)
    {
        DataField[] fields = [.. columns.Select((name, i) => Field(name, rows, i))];
        ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema([.. fields]), stream).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            for (int i = 0; i < fields.Length; i++)
            {
                object?[] values = [.. rows.Select(row => row[i])];
                Type type = fields[i].ClrType;
                if (type == typeof(long)) await group.WriteAsync<long>(fields[i],
                    values.Select(static v => (long?)v).ToArray().AsMemory()).ConfigureAwait(false);
                else if (type == typeof(double)) await group.WriteAsync<double>(fields[i], values.Select(static v => v is null ? null
                    : (double?)Convert.ToDouble(v, CultureInfo.InvariantCulture)).ToArray().AsMemory()).ConfigureAwait(false);
                else if (type == typeof(bool)) await group.WriteAsync<bool>(fields[i],
                    values.Select(static v => (bool?)v).ToArray().AsMemory()).ConfigureAwait(false);
                else if (values.Any(static v => v is byte[])) await group.WriteAsync(fields[i],
                    values.Select(static v => (byte[]?)v).ToArray()!).ConfigureAwait(false);
                else await group.WriteAsync(fields[i], values.Select(static v => v is null ? null : Text(v)).ToArray()!).ConfigureAwait(
                    false);
            }

            group.CompleteValidate();
        }
    }

    // One type for a column, the widest that its values need.
    private static DataField Field(string name, IReadOnlyList<object?[]> rows, int column)
    {
        HashSet<Type> types = [.. rows.Select(row => row[column]?.GetType()).OfType<Type>()];
        return types.SetEquals([typeof(long)]) ? new DataField<long?>(name)
            : types.Count > 0 && types.IsSubsetOf([typeof(long), typeof(double)]) ? new DataField<double?>(name)
            : types.SetEquals([typeof(bool)]) ? new DataField<bool?>(name)
            : types.SetEquals([typeof(byte[])]) ? new DataField<byte[]>(name)
            : new DataField<string>(name);
    }

    private static string Text(object? value) => value switch
    {
        null => string.Empty,
        bool truth => truth ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToBase64String(bytes),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
    };
}
