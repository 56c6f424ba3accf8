using TrakFast.Evaluation;

namespace TrakFast.Cli.Runs;

/// <summary>Passes progress of the library on to the console, at once and in order.</summary>
internal static class Relay
{
    /// <summary>Examples done, counted on from those of earlier passes.</summary>
    public static IProgress<TrakProgress> Of(IProgress<long> console, long before = 0) =>
        new Direct<TrakProgress>(p => console.Report(before + p.Done));

    /// <summary>Models trained.</summary>
    public static IProgress<RetrainingProgress> OfRetraining(IProgress<long> console) =>
        new Direct<RetrainingProgress>(p => console.Report(p.Done));

    private sealed class Direct<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
