namespace TrakFast.Cli.Formatting;

/// <summary>Seconds as a reader wants them.</summary>
internal static class DurationText
{
    /// <summary>The time in its natural unit: <c>840 ms</c>, <c>12.3 s</c>, <c>4 min 05 s</c>, <c>2 h 10 min</c>.</summary>
    public static string Of(double seconds)
    {
        long whole = (long)Math.Round(seconds);
        return seconds switch
        {
            < 0.9995 => $"{ScoreText.Invariant(seconds * 1000, "0.#")} ms",
            < 59.95 => $"{ScoreText.Invariant(seconds, "0.0")} s",
            < 3599.5 => $"{whole / 60} min {ScoreText.Invariant(whole % 60, "00")} s",
            _ => $"{whole / 3600} h {ScoreText.Invariant(whole / 60 % 60, "00")} min",
        };
    }
}
