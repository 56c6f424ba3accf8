using System.Globalization;

namespace TrakFast.Cli.Consoles;

/// <summary>How fast counted work goes and when it will be done.</summary>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all.</param>
/// <param name="Elapsed">Time taken so far.</param>
internal readonly record struct Rate(long Done, long Total, TimeSpan Elapsed)
{
    /// <summary>Units a second; 0 before any time has passed.</summary>
    public double PerSecond => Elapsed > TimeSpan.Zero ? Done / Elapsed.TotalSeconds : 0;

    /// <summary>Time left at this rate; null while nothing is done.</summary>
    public TimeSpan? Left => PerSecond > 0 ? TimeSpan.FromSeconds(Math.Min(Math.Max(Total - Done, 0) / PerSecond, int.MaxValue)) : null;

    /// <summary>The rate with three digits or so: <c>1,250</c>, <c>31.4</c>, <c>0.052</c>.</summary>
    public string Text() => PerSecond switch
    {
        >= 100 => PerSecond.ToString("N0", CultureInfo.InvariantCulture),
        >= 1 => PerSecond.ToString("0.0", CultureInfo.InvariantCulture),
        _ => PerSecond.ToString("0.###", CultureInfo.InvariantCulture),
    };

    /// <summary>A time span as people say it: <c>0.8 s</c>, <c>42 s</c>, <c>3 min 05 s</c>, <c>2 h 07 min</c>.</summary>
    public static string Text(TimeSpan time) => time.TotalSeconds switch
    {
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours} h {time.Minutes:00} min"),
    };
}
