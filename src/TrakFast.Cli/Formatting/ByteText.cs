using System.Globalization;

namespace TrakFast.Cli.Formatting;

/// <summary>Byte counts as people read them.</summary>
internal static class ByteText
{
    /// <summary>The count in the largest binary unit that leaves at least one: <c>1.5 GiB</c>.</summary>
    public static string Of(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        double value = bytes;
        int unit = 0;
        while (Math.Abs(value) >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {units[unit]}");
    }
}
