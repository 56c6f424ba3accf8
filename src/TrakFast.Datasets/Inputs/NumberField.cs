using System.Globalization;
using System.Runtime.InteropServices;
using TrakFast.Kernels;

namespace TrakFast.Datasets;

/// <summary>Numbers of one or more columns, one after the other, as one array. A column may hold lists of numbers.</summary>
public sealed class NumberField : ExampleField
{
    private readonly FieldArray _array;
    private readonly int _count;

    /// <summary>Creates the field.</summary>
    /// <param name="columns">The columns, in order.</param>
    /// <param name="array">The array; float32, int64, int32 or bool.</param>
    public NumberField(IReadOnlyList<string> columns, FieldArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        (Columns, _array) = (columns, array);
        _count = array.Bytes / array.Type.Size();
        if (array.Type is not (ElementType.Float32 or ElementType.Int64 or ElementType.Int32 or ElementType.Bool))
            throw new InputException($"'{array.Name}' is {array.Type}; columns of numbers are read as float32, int64, int32 or bool.");
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<FieldArray> Arrays => [_array];

    /// <inheritdoc/>
    public override string Description => Columns.Count == 1 ? $"the numbers of '{Columns[0]}'" : Columns.Count <= 6
        ? $"the numbers of {string.Join(", ", Columns)}"
        : $"the numbers of {string.Join(", ", Columns.Take(3))} … {Columns[^1]}, {Columns.Count} columns";

    /// <inheritdoc/>
    public override string Identity => string.Join('\n', Columns);

    /// <summary>A value as a number; null where it is none.</summary>
    internal static double? Number(object? value) => value switch
    {
        long whole => whole,
        double number => number,
        bool truth => truth ? 1 : 0,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
        string text when bool.TryParse(text, out bool truth) => truth ? 1 : 0,
        _ => null,
    };

    /// <summary>How many numbers a value holds; −1 where it holds something else.</summary>
    internal static int CountOf(object? value) => value switch
    {
        IReadOnlyList<object?> list => list.Sum(static v => CountOf(v) is >= 0 and int count ? count : throw new InputException("A list holds something else than numbers.")),
        _ => Number(value) is null ? -1 : 1,
    };

    /// <inheritdoc/>
    internal override PreparedExample Prepare(ReadOnlySpan<object?> values, string where)
    {
        byte[] room = new byte[_array.Bytes];
        int next = 0;
        for (int i = 0; i < values.Length; i++) Add(values[i], Columns[i], where, room, ref next);
        return next == _count ? new PreparedExample(room)
            : throw new InputException($"{where} has {next} numbers in {string.Join(", ", Columns)}; '{_array.Name}' wants {_count}.");
    }

    /// <inheritdoc/>
    internal override void Write(PreparedExample example, int place, IReadOnlyList<byte[]> arrays) =>
        ((byte[])example.Content).CopyTo(arrays[0].AsSpan(place * _array.Bytes));

    private void Add(object? value, string column, string where, Span<byte> room, ref int next)
    {
        if (value is IReadOnlyList<object?> list)
        {
            foreach (object? one in list) Add(one, column, where, room, ref next);
            return;
        }

        double number = Number(value)
            ?? throw new InputException($"{where} has {(value is null ? "nothing" : $"'{Shorten(value)}'")} in the column '{column}', where a number is wanted.");
        if (!double.IsFinite(number) || (_array.Type == ElementType.Float32 && !float.IsFinite((float)number)))
            throw new InputException($"{where} has {number.ToString(CultureInfo.InvariantCulture)} in the column '{column}'; every number must be finite.");
        if (next >= _count)
        {
            next++;
            return;
        }

        switch (_array.Type)
        {
            case ElementType.Float32: MemoryMarshal.Cast<byte, float>(room)[next] = (float)number; break;
            case ElementType.Int64: MemoryMarshal.Cast<byte, long>(room)[next] = Whole(number, column, where); break;
            case ElementType.Int32: MemoryMarshal.Cast<byte, int>(room)[next] = checked((int)Whole(number, column, where)); break;
            default: room[next] = number != 0 ? (byte)1 : (byte)0; break;
        }

        next++;
    }

    private long Whole(double number, string column, string where) =>
        number == Math.Floor(number) && Math.Abs(number) <= (_array.Type == ElementType.Int32 ? int.MaxValue : 1L << 53)
            ? (long)number
            : throw new InputException($"{where} has {number.ToString(CultureInfo.InvariantCulture)} in the column '{column}'; '{_array.Name}' wants whole numbers.");

    private static string Shorten(object value)
    {
        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;
        return text.Length > 40 ? text[..40] + "…" : text;
    }
}
