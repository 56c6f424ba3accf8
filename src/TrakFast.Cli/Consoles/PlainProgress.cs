using System.Globalization;

namespace TrakFast.Cli.Consoles;

/// <summary>Progress as lines: at most one every few seconds, and a last one with the total time.</summary>
internal sealed class PlainProgress : IProgress<long>
{
    /// <summary>Least time between two lines.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly TextWriter _output;
    private readonly TimeProvider _time;
    private readonly string _title;
    private readonly long _total;
    private readonly string _unit;
    private readonly long _start;
    private readonly Lock _gate = new();
    private long _lastLine;

    /// <summary>Starts the clock.</summary>
    public PlainProgress(TextWriter output, TimeProvider time, string title, long total, string unit)
    {
        (_output, _time, _title, _total, _unit) = (output, time, title, total, unit);
        _start = _lastLine = time.GetTimestamp();
    }

    /// <inheritdoc/>
    public void Report(long value)
    {
        lock (_gate)
        {
            if (_time.GetElapsedTime(_lastLine) < Interval) return;
            _lastLine = _time.GetTimestamp();
            Rate rate = new(value, _total, _time.GetElapsedTime(_start));
            double percent = _total == 0 ? 100 : 100.0 * value / _total;
            string left = rate.Left is { } time ? $", {Rate.Text(time)} left" : string.Empty;
            _output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{_title}: {value:N0} of {_total:N0} {_unit} ({percent:0} %), {rate.Text()} {_unit}/s{left}"));
        }
    }

    /// <summary>Writes the last line.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            TimeSpan elapsed = _time.GetElapsedTime(_start);
            _output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{_title}: {_total:N0} {_unit} in {Rate.Text(elapsed)}, {new Rate(_total, _total, elapsed).Text()} {_unit}/s"));
        }
    }
}
