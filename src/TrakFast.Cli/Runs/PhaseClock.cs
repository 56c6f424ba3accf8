using System.Diagnostics;

namespace TrakFast.Cli.Runs;

/// <summary>Seconds that each phase of a run took, in the order of their first start; a phase may come again.</summary>
internal sealed class PhaseClock
{
    private readonly List<(string Name, double Seconds, long Examples)> _phases = [];

    /// <summary>Phases with their seconds and the examples they went through (0 where none are counted).</summary>
    public IReadOnlyList<(string Name, double Seconds, long Examples)> Phases => _phases;

    /// <summary>Seconds of all phases.</summary>
    public double Total => _phases.Sum(static p => p.Seconds);

    /// <summary>Notes a phase that had nothing to do.</summary>
    public void Skip(string phase)
    {
        if (!_phases.Exists(p => p.Name == phase)) _phases.Add((phase, 0, 0));
    }

    /// <summary>Times some work.</summary>
    public async Task<T> MeasureAsync<T>(string phase, long examples, Func<Task<T>> work)
    {
        long start = Stopwatch.GetTimestamp();
        T result = await work().ConfigureAwait(false);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int index = _phases.FindIndex(p => p.Name == phase);
        if (index < 0) _phases.Add((phase, seconds, examples));
        else _phases[index] = (phase, _phases[index].Seconds + seconds, _phases[index].Examples + examples);
        return result;
    }

    /// <summary>Times some work that returns nothing.</summary>
    public Task MeasureAsync(string phase, long examples, Func<Task> work) => MeasureAsync(phase, examples, async () =>
    {
        await work().ConfigureAwait(false);
        return true;
    });
}
