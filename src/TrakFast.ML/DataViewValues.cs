using Microsoft.ML;
using Microsoft.ML.Data;
using TrakFast.Datasets;

namespace TrakFast.ML;

/// <summary>Values of a data view as values of a source.</summary>
internal static class DataViewValues
{
    /// <summary>Whether columns of a type are read.</summary>
    public static bool CanRead(DataViewType type) => type switch
    {
        VectorDataViewType vector => IsNumber(vector.ItemType) || vector.ItemType is BooleanDataViewType,
        TextDataViewType or BooleanDataViewType or KeyDataViewType => true,
        _ => type.RawType == typeof(MLImage) || IsNumber(type),
    };

    /// <summary>The names of a key's values, from 0.</summary>
    public static IReadOnlyList<string> KeyNames(DataViewSchema.Column column)
    {
        DataViewSchema.Column values = column.Annotations.Schema["KeyValues"];
        if (((VectorDataViewType)values.Type).ItemType is TextDataViewType)
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            column.GetKeyValues(ref names);
            return [.. names.DenseValues().Select(static n => n.ToString())];
        }

        return [.. Numbers(column.Annotations, values)];
    }

    /// <summary>Reads a column of the row that a cursor stands at.</summary>
    public static Func<object?> Getter(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        Type raw = column.Type.RawType;
        if (column.Type is VectorDataViewType vector)
        {
            return vector.ItemType.RawType switch
            {
                var t when t == typeof(float) => Vector<float>(cursor, column, static v => v),
                var t when t == typeof(double) => Vector<double>(cursor, column, static v => v),
                var t when t == typeof(bool) => Vector<bool>(cursor, column, static v => v ? 1L : 0L),
                var t when t == typeof(sbyte) => Vector<sbyte>(cursor, column, static v => (long)v),
                var t when t == typeof(byte) => Vector<byte>(cursor, column, static v => (long)v),
                var t when t == typeof(short) => Vector<short>(cursor, column, static v => (long)v),
                var t when t == typeof(ushort) => Vector<ushort>(cursor, column, static v => (long)v),
                var t when t == typeof(int) => Vector<int>(cursor, column, static v => (long)v),
                var t when t == typeof(uint) => Vector<uint>(cursor, column, static v => (long)v),
                _ => Vector<long>(cursor, column, static v => v),
            };
        }

        if (column.Type is KeyDataViewType) return Key(cursor, column, raw);
        return raw switch
        {
            var t when t == typeof(ReadOnlyMemory<char>) => One<ReadOnlyMemory<char>>(cursor, column, static v => v.ToString()),
            var t when t == typeof(bool) => One<bool>(cursor, column, static v => v),
            var t when t == typeof(float) => One<float>(cursor, column, static v => (double)v),
            var t when t == typeof(double) => One<double>(cursor, column, static v => v),
            var t when t == typeof(sbyte) => One<sbyte>(cursor, column, static v => (long)v),
            var t when t == typeof(byte) => One<byte>(cursor, column, static v => (long)v),
            var t when t == typeof(short) => One<short>(cursor, column, static v => (long)v),
            var t when t == typeof(ushort) => One<ushort>(cursor, column, static v => (long)v),
            var t when t == typeof(int) => One<int>(cursor, column, static v => (long)v),
            var t when t == typeof(uint) => One<uint>(cursor, column, static v => (long)v),
            var t when t == typeof(long) => One<long>(cursor, column, static v => v),
            _ => One<MLImage>(cursor, column, static v => v is null ? null : Image(v)),
        };
    }

    private static bool IsNumber(DataViewType type) => type is NumberDataViewType && type.RawType != typeof(ulong);

    // 0 is a key's missing value.
    private static Func<object?> Key(DataViewRowCursor cursor, DataViewSchema.Column column, Type raw) => raw switch
    {
        var t when t == typeof(byte) => One<byte>(cursor, column, static v => v == 0 ? null : v - 1L),
        var t when t == typeof(ushort) => One<ushort>(cursor, column, static v => v == 0 ? null : v - 1L),
        var t when t == typeof(ulong) => One<ulong>(cursor, column, static v => v == 0 ? null : (long)(v - 1)),
        _ => One<uint>(cursor, column, static v => v == 0 ? null : v - 1L),
    };

    private static Func<object?> One<T>(DataViewRowCursor cursor, DataViewSchema.Column column, Func<T, object?> box)
    {
        ValueGetter<T> get = cursor.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            get(ref value);
            return box(value);
        };
    }

    private static Func<object?> Vector<T>(DataViewRowCursor cursor, DataViewSchema.Column column, Func<T, object?> box)
    {
        ValueGetter<VBuffer<T>> get = cursor.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return () =>
        {
            get(ref value);
            return value.DenseValues().Select(box).ToArray();
        };
    }

    private static IEnumerable<string> Numbers(DataViewSchema.Annotations annotations, DataViewSchema.Column values) =>
        values.Type is VectorDataViewType { ItemType: var item } && item.RawType == typeof(float) ? Texts<float>(annotations)
        : values.Type is VectorDataViewType { ItemType: var other } && other.RawType == typeof(int) ? Texts<int>(annotations)
        : values.Type is VectorDataViewType { ItemType: var wide } && wide.RawType == typeof(long) ? Texts<long>(annotations)
        : [];

    private static string[] Texts<T>(DataViewSchema.Annotations annotations)
    {
        VBuffer<T> names = default;
        annotations.GetValue("KeyValues", ref names);
        return [.. names.DenseValues().Select(static n => Convert.ToString(n, System.Globalization.CultureInfo.InvariantCulture)!)];
    }

    // MLImage holds blue, green, red and alpha, or red, green, blue and alpha.
    private static Picture Image(MLImage image)
    {
        ReadOnlySpan<byte> pixels = image.Pixels;
        byte[] rgb = new byte[3 * image.Width * image.Height];
        bool isBgra = image.PixelFormat == MLPixelFormat.Bgra32;
        for (int i = 0; i < image.Width * image.Height; i++)
        {
            (byte first, byte green, byte third) = (pixels[4 * i], pixels[(4 * i) + 1], pixels[(4 * i) + 2]);
            (rgb[3 * i], rgb[(3 * i) + 1], rgb[(3 * i) + 2]) = isBgra ? (third, green, first) : (first, green, third);
        }

        return new Picture(image.Width, image.Height, rgb);
    }
}
