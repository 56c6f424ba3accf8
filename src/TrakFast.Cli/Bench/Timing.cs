using System.Diagnostics;

namespace TrakFast.Cli.Bench;

/// <summary>Times things against each other: in turn, several times over, so that what disturbs one disturbs the others.</summary>
internal static class Timing
{
    /// <summary>The median time of each action, in seconds, after a round that does not count.</summary>
    /// <param name="rounds">Rounds that count; at least 1.</param>
    /// <param name="cancellationToken">Looked at before each action.</param>
    /// <param name="actions">What is timed.</param>
    public static double[] Medians(int rounds, CancellationToken cancellationToken, params Action[] actions)
    {
        double[][] times = [.. actions.Select(_ => new double[rounds])];
        for (int round = -1; round < rounds; round++)
        {
            for (int i = 0; i < actions.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                long start = Stopwatch.GetTimestamp();
                actions[i]();
                if (round >= 0) times[i][round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }

        return [.. times.Select(static t => t.Order().ElementAt(t.Length / 2))];
    }
}
