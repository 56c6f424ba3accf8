using System.Globalization;
using TrakFast.Kernels;

namespace TrakFast.Cli.Report.Pictures;

/// <summary>Examples that are not pictures, as short text: token ids or the first values of a vector.</summary>
internal static class ValueText
{
    private const int MostValues = 24;

    /// <summary>The values in brackets, the first of them when there are many: <c>[0.12, 3.4, … 64 values]</c>.</summary>
    public static string Of(DataArray example)
    {
        int shown = (int)Math.Min(example.Length, MostValues);
        DataArray head = example.Reshape(example.Length);
        head = head.Length > shown ? head.Rows(0, shown) : head;
        IEnumerable<string> values = example.Type.IsFloat()
            ? head.ToFloats().Select(static v => v.ToString("G3", CultureInfo.InvariantCulture))
            : head.ToLongs().Select(static v => v.ToString(CultureInfo.InvariantCulture));
        string rest = example.Length > shown
            ? string.Create(CultureInfo.InvariantCulture, $", … {example.Length:N0} values")
            : string.Empty;
        return $"[{string.Join(", ", values)}{rest}]";
    }
}
