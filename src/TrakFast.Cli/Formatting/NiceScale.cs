namespace TrakFast.Cli.Formatting;

/// <summary>Round numbers for axes: 1, 2 or 5 times a power of ten.</summary>
internal static class NiceScale
{
    /// <summary>A round step that divides <paramref name="span"/> into about so many parts; 1 for a span without length.</summary>
    public static double Step(double span, int parts)
    {
        if (!(span > 0)) return 1;
        double rough = span / parts;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        if (power == 0) return span; // denormal spans
        return (rough / power) switch
        {
            <= 1.0001 => power,
            <= 2.0001 => 2 * power,
            <= 5.0001 => 5 * power,
            _ => 10 * power,
        };
    }

    /// <summary>The multiples of a round step that lie between the two ends.</summary>
    public static IReadOnlyList<double> Ticks(double low, double high, int about)
    {
        if (!(high > low)) return [low];
        double step = Step(high - low, about);
        double first = Math.Ceiling((low / step) - 1e-9), last = Math.Floor((high / step) + 1e-9);
        List<double> ticks = [];
        for (double i = first; i <= last; i++) ticks.Add((i * step) + 0.0); // never −0
        return ticks.Count == 0 ? [low, high] : ticks;
    }

    /// <summary>Decimals needed to tell multiples of the step apart.</summary>
    public static int Decimals(double step) => Math.Clamp((int)Math.Ceiling(-Math.Log10(step) - 1e-9), 0, 10);
}
