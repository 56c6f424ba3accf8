using System.Globalization;
using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace TrakFast.Datasets;

/// <summary>
/// The values of a field in one row group, put together from its leaves by their repetition and definition levels as in Dremel
/// (Melnik et al. 2010, section 4.3).
/// </summary>
internal sealed class ParquetColumn
{
    // A run of one value takes next to no room, so a file may hold many more values than bytes; but not any number.
    private const long MostValues = 16 << 20, MostValuesPerByte = 4096;
    private readonly Field _field;
    private readonly Dictionary<string, Leaf> _leaves;

    private ParquetColumn(Field field, Dictionary<string, Leaf> leaves) => (_field, _leaves) = (field, leaves);

    /// <summary>Reads a field of a row group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="field">The field: a leaf, a structure, a list or a map.</param>
    /// <param name="rows">Rows of the group.</param>
    /// <exception cref="InputException">The file claims what it cannot hold, or its rows are not those of the group.</exception>
    public static ParquetColumn Read(ParquetRowGroupReader group, Field field, long rows)
    {
        Dictionary<string, Leaf> leaves = new(StringComparer.Ordinal);
        foreach (DataField leaf in Leaves(field))
        {
            if (group.GetMetadata(leaf)?.MetaData is { } claims
                && claims.NumValues > MostValues + (MostValuesPerByte * Math.Max(0, claims.TotalCompressedSize)))
                throw new InputException($"'{leaf.Path}' claims {claims.NumValues} values in {claims.TotalCompressedSize} bytes.");
            using RawColumnData raw = group.ReadRawColumnDataBaseAsync(leaf).AsTask().GetAwaiter().GetResult();
            Leaf read = Leaf.Of(leaf, raw);
            if (read.Rows != rows) throw new InputException($"'{leaf.Path}' has {read.Rows} rows, and its row group {rows}.");
            leaves.Add(leaf.Path.ToString(), read);
        }

        return new ParquetColumn(field, leaves);
    }

    /// <summary>The value of a row of the group.</summary>
    public object? Value(int row)
    {
        if (_field is not DataField { IsArray: false }) return Assemble(_field,
            _leaves.ToDictionary(static l => l.Key, l => l.Value.RowSlice(row)));
        Leaf leaf = _leaves.Values.First();
        return leaf.Values[leaf.RowSlice(row).Start];
    }

    private static IEnumerable<DataField> Leaves(Field field) => field switch
    {
        DataField leaf => [leaf],
        StructField structure => structure.Fields.SelectMany(Leaves),
        ListField list => Leaves(list.Item),
        MapField map => Leaves(map.Key).Concat(Leaves(map.Value)),
        _ => throw new InputException($"'{field.Name}' is a {field.SchemaType}, which is not read."),
    };

    private object? Assemble(Field field, Dictionary<string, Slice> slices)
    {
        switch (field)
        {
            case DataField { IsArray: true } array:
                Slice all = slices[array.Path.ToString()];
                return Enumerable.Range(all.Start, all.End - all.Start).Where(i => all.Leaf.Exists(i, array.MaxDefinitionLevel)).Select(
                    i => all.Leaf.Values[i]).ToArray();
            case DataField leaf:
                Slice one = slices[leaf.Path.ToString()];
                return one.Leaf.Values[one.Start];
            case StructField structure:
                return structure.Fields.ToDictionary(static f => f.Name, f => Assemble(f, slices), StringComparer.Ordinal);
            case ListField list:
                return Items(list, list.Item, slices);
            case MapField map:
                Dictionary<string, object?> entries = new(StringComparer.Ordinal);
                object?[] keys = Items(map, map.Key, slices), values = Items(map, map.Value, slices);
                for (int i = 0; i < Math.Min(keys.Length, values.Length); i++)
                    entries[Convert.ToString(keys[i], CultureInfo.InvariantCulture) ?? string.Empty] = values[i];
                return entries;
            default:
                throw new InputException($"'{field.Name}' is a {field.SchemaType}, which is not read.");
        }
    }

    // An item begins with each entry that repeats no deeper than the list does; no item is there where the list is empty or missing.
    private object?[] Items(Field list, Field item, Dictionary<string, Slice> slices)
    {
        string[] names = [.. Leaves(item).Select(static l => l.Path.ToString())];
        Slice first = slices[names[0]];
        if (!first.Leaf.Exists(first.Start, list.MaxDefinitionLevel)) return [];
        List<int>[] starts = [.. names.Select(name => slices[name].Starts(list.MaxRepetitionLevel))];
        int count = starts[0].Count - 1;
        if (starts.Any(s => s.Count != count + 1)) throw new InputException($"'{list.Path}' has lists whose parts differ in length.");
        object?[] items = new object?[count];
        for (int i = 0; i < count; i++)
        {
            Dictionary<string, Slice> inner = [];
            for (int leaf = 0; leaf < names.Length; leaf++) inner.Add(names[leaf],
                slices[names[leaf]] with { Start = starts[leaf][i], End = starts[leaf][i + 1] });
            items[i] = Assemble(item, inner);
        }

        return items;
    }

    /// <summary>A leaf's entries from a first to before an end.</summary>
    private readonly record struct Slice(Leaf Leaf, int Start, int End)
    {
        /// <summary>Where items of a list of that repetition level begin, and the end.</summary>
        public List<int> Starts(int level)
        {
            List<int> starts = [Start];
            for (int i = Start + 1; i < End; i++)
            {
                if (Leaf.Repetitions[i] <= level) starts.Add(i);
            }

            starts.Add(End);
            return starts;
        }
    }

    /// <summary>A leaf's entries: its values, null where none is there, with their levels.</summary>
    private sealed class Leaf
    {
        private readonly int[] _definitions;
        private readonly int[]? _rowStarts;

        private Leaf(object?[] values, int[] definitions, int[] repetitions)
        {
            (Values, _definitions, Repetitions) = (values, definitions, repetitions);
            if (repetitions.Length > 0)
                _rowStarts = [.. Enumerable.Range(0, repetitions.Length).Where(i => repetitions[i] == 0), repetitions.Length];
            Rows = _rowStarts is null ? values.Length : _rowStarts.Length - 1;
        }

        public object?[] Values { get; }

        public int[] Repetitions { get; }

        public int Rows { get; }

        public static Leaf Of(DataField field, RawColumnData raw)
        {
            object?[] present = Boxed(raw);
            int[] definitions = field.MaxDefinitionLevel > 0 ? raw.DefinitionLevels.ToArray() : [];
            int[] repetitions = field.MaxRepetitionLevel > 0 ? raw.RepetitionLevels.ToArray() : [];
            if (definitions.Length == 0) return new Leaf(present, definitions, repetitions);
            object?[] values = new object?[definitions.Length];
            for (int i = 0, next = 0; i < values.Length; i++)
            {
                if (definitions[i] >= field.MaxDefinitionLevel) values[i] = present[next++];
            }

            return new Leaf(values, definitions, repetitions);
        }

        public bool Exists(int entry, int level) => _definitions.Length == 0 || _definitions[entry] >= level;

        public Slice RowSlice(int row) => _rowStarts is null ? new Slice(this, row, row + 1)
            : new Slice(this, _rowStarts[row], _rowStarts[row + 1]);

        private static object?[] Boxed(RawColumnData raw) => raw switch
        {
            RawColumnData<ReadOnlyMemory<char>> texts => Each(texts, static v => v.ToString()),
            RawColumnData<ReadOnlyMemory<byte>> bytes => Each(bytes, static v => v.ToArray()),
            RawColumnData<bool> truths => Each(truths, static v => v),
            RawColumnData<sbyte> numbers => Each(numbers, static v => (long)v),
            RawColumnData<byte> numbers => Each(numbers, static v => (long)v),
            RawColumnData<short> numbers => Each(numbers, static v => (long)v),
            RawColumnData<ushort> numbers => Each(numbers, static v => (long)v),
            RawColumnData<int> numbers => Each(numbers, static v => (long)v),
            RawColumnData<uint> numbers => Each(numbers, static v => (long)v),
            RawColumnData<long> numbers => Each(numbers, static v => v),
            RawColumnData<ulong> numbers => Each(numbers, static v => v <= long.MaxValue ? (long)v : (object)(double)v),
            RawColumnData<Half> numbers => Each(numbers, static v => (double)v),
            RawColumnData<float> numbers => Each(numbers, static v => (double)v),
            RawColumnData<double> numbers => Each(numbers, static v => v),
            RawColumnData<decimal> numbers => Each(numbers, static v => (double)v),
            RawColumnData<DateTime> times => Each(times, static v => v.ToString("O", CultureInfo.InvariantCulture)),
            RawColumnData<TimeSpan> times => Each(times, static v => v.ToString("c", CultureInfo.InvariantCulture)),
            RawColumnData<Guid> ids => Each(ids, static v => v.ToString()),
            _ => throw new InputException($"It holds values of {raw.GetType().GenericTypeArguments.FirstOrDefault()?.Name}, which are not read."),
        };

        private static object?[] Each<T>(RawColumnData<T> raw, Func<T, object?> box)
            where T : struct
        {
            Span<T> values = raw.Values;
            object?[] result = new object?[values.Length];
            for (int i = 0; i < result.Length; i++) result[i] = box(values[i]);
            return result;
        }
    }
}
