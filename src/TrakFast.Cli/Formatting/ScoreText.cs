using System.Globalization;

namespace TrakFast.Cli.Formatting;

/// <summary>Numbers as a reader wants them: a sign, three digits, powers of ten only where they help.</summary>
internal static class ScoreText
{
    private const string Minus = "\u2212";
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /// <summary>A score, always with its sign: <c>+0.0123</c>, <c>−4.5×10⁻⁶</c>, <c>0</c>.</summary>
    public static string Signed(double value)
    {
        string plain = Plain(value);
        return value > 0 ? $"+{plain}" : plain;
    }

    /// <summary>A number with three significant digits; a sign only when negative.</summary>
    public static string Plain(double value)
    {
        if (value == 0) return "0";
        double size = Math.Abs(value);
        string digits = size is >= 1e-3 and < 1e5 ? Fixed(size) : Scientific(size);
        return value < 0 ? Minus + digits : digits;
    }

    /// <summary>A label of an axis: signed, with just the decimals that multiples of the step need.</summary>
    public static string Tick(double value, double step)
    {
        double size = Math.Abs(value);
        if (value == 0 || size < Math.Abs(step) * 1e-6) return "0";
        string digits = size is >= 1e-3 and < 1e5 && step > 0
            ? size.ToString($"N{NiceScale.Decimals(step)}", CultureInfo.InvariantCulture)
            : Scientific(size);
        return (value < 0 ? Minus : "+") + digits;
    }

    /// <summary>A whole number with thousands apart.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number with so many decimals.</summary>
    public static string Decimals(double value, int decimals) =>
        value.ToString($"F{decimals}", CultureInfo.InvariantCulture).Replace("-", Minus, StringComparison.Ordinal);

    /// <summary>A number for an attribute: invariant, with a plain minus.</summary>
    public static string Invariant(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Fixed(double size)
    {
        int decimals = Math.Clamp(2 - (int)Math.Floor(Math.Log10(size)), 0, 5);
        return size.ToString(size >= 1000 ? "N0" : $"F{decimals}", CultureInfo.InvariantCulture);
    }

    private static string Scientific(double size)
    {
        string[] parts = size.ToString("0.##E+0", CultureInfo.InvariantCulture).Split('E');
        int exponent = int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string raised = string.Concat(Math.Abs(exponent).ToString(CultureInfo.InvariantCulture).Select(static d => Superscripts[d - '0']));
        return $"{parts[0]}×10{(exponent < 0 ? "⁻" : string.Empty)}{raised}";
    }
}
