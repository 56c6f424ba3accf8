using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using TrakFast.Datasets;

namespace TrakFast.ML;

/// <summary>Values of a data view as values of a source.</summary>
internal static class DataViewValues
{
    /// <summary>Whether columns of a type are read.</summary>
    /// <param name="type">The type.</param>
    public static bool CanRead(DataViewType type) => type switch
    {
        VectorDataViewType vector => vector.ItemType is NumberDataViewType or BooleanDataViewType,
        TextDataViewType or BooleanDataViewType or KeyDataViewType or NumberDataViewType => true,
        _ => type.RawType == typeof(MLImage),
    };

    /// <summary>The names of a key's values, from 0; null where they have none.</summary>
    /// <param name="column">The column of keys.</param>
    public static IReadOnlyList<string>? KeyNames(DataViewSchema.Column column)
    {
        // ML.NET's own HasKeyValues looks for texts alone.
        return column.Type is KeyDataViewType && column.Annotations.Schema.GetColumnOrNull("KeyValues")?.Type is VectorDataViewType names
            ? (IReadOnlyList<string>)Generic(nameof(Names), names.ItemType.RawType).Invoke(
                null, BindingFlags.DoNotWrapExceptions, null, [column.Annotations], null)!
            : null;
    }

    /// <summary>Reads a column of the row that a cursor stands at.</summary>
    /// <param name="cursor">The cursor, in which the column is active.</param>
    /// <param name="column">A column that <see cref="CanRead"/> says yes to.</param>
    public static Func<object?> Getter(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        (string name, Type type) = column.Type switch
        {
            VectorDataViewType vector => (nameof(Vector), vector.ItemType.RawType),
            KeyDataViewType key => (nameof(Key), key.RawType),
            var other => (nameof(One), other.RawType),
        };
        return (Func<object?>)Generic(name, type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [cursor, column], null)!;
    }

    // The type of a column is known when the program runs, and ML.NET asks for it when it is compiled.
    private static MethodInfo Generic(string name, Type type) =>
        typeof(DataViewValues).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type);

    private static Func<object?> One<T>(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        ValueGetter<T> get = cursor.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            get(ref value);
            return Value(value);
        };
    }

    // 0 is a key's missing value.
    private static Func<object?> Key<T>(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        Func<object?> get = One<T>(cursor, column);
        return () => get() is long number and > 0 ? number - 1 : null;
    }

    private static Func<object?> Vector<T>(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<T>> get = cursor.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return () =>
        {
            get(ref value);
            return value.DenseValues().Select(static item => Value(item)).ToArray();
        };
    }

    private static string[] Names<T>(DataViewSchema.Annotations annotations)
    {
        VBuffer<T> names = default;
        annotations.GetValue("KeyValues", ref names);
        return [.. names.DenseValues().Select(static name => Convert.ToString(name, CultureInfo.InvariantCulture)!)];
    }

    private static object? Value(object? value) => value switch
    {
        ReadOnlyMemory<char> text => text.ToString(),
        float number => (double)number,
        sbyte or byte or short or ushort or int or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        ulong number => number <= long.MaxValue ? (object)(long)number : (double)number,
        MLImage image => Picture(image),
        _ => value,
    };

    // The pixels are blue, green, red and alpha, or red, green, blue and alpha.
    private static Picture Picture(MLImage image)
    {
        ReadOnlySpan<byte> pixels = image.Pixels;
        byte[] rgb = new byte[pixels.Length / 4 * 3];
        int red = image.PixelFormat == MLPixelFormat.Bgra32 ? 2 : 0;
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
            (rgb[to], rgb[to + 1], rgb[to + 2]) = (pixels[from + red], pixels[from + 1], pixels[from + 2 - red]);
        return new Picture(image.Width, image.Height, rgb);
    }
}
