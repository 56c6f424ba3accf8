using System.Globalization;

namespace TrakFast;

/// <summary>Sizes as people read them.</summary>
internal static class MemoryText
{
    /// <summary>In GiB from one on, in MiB below.</summary>
    public static string Of(double bytes) => bytes >= 1 << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 30):F1} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Max(bytes / (1 << 20), 1):F0} MiB");
}
