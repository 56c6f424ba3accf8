using System.Globalization;

namespace TrakFast.Cli.Formatting;

/// <summary>Numbers as the tool prints them, alike in every culture.</summary>
internal static class NumberText
{
    /// <summary>A count with thousands separators.</summary>
    public static string Of(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A measurement with four significant digits.</summary>
    public static string Of(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>A value cut where it becomes too long for a table.</summary>
    public static string Brief(string value) => value.Length <= 60 ? value : $"{value[..59]}…";

    /// <summary>Seconds with a digit or two after the point.</summary>
    public static string Seconds(double seconds) => seconds.ToString(seconds < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);
}
