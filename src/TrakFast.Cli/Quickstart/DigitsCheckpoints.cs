using TrakFast.Onnx;

namespace TrakFast.Cli.Quickstart;

/// <summary>
/// The checkpoints of the quickstart: the last of each run, with model ids from 0 on, and after those some from along run 0,
/// which cost no training.
/// </summary>
internal static class DigitsCheckpoints
{
    /// <summary>Runs, each from other first weights.</summary>
    public const int Runs = 5;

    // With the last, each quarter of the training.
    private static readonly int[] Along = [.. Enumerable.Range(1, 3).Select(static quarter => quarter * DigitsNetwork.Epochs / 4)];

    /// <summary>Epochs of run 0 after which its weights are kept as well.</summary>
    public static IReadOnlyList<int> EpochsAlong => Along;

    /// <summary>All checkpoints.</summary>
    public static int Count => Runs + Along.Length;

    /// <summary>Model ids of the runs' last checkpoints, over which the scores are averaged.</summary>
    public static IReadOnlyList<int> OfRuns { get; } = [.. Enumerable.Range(0, Runs)];

    /// <summary>Model ids of those along run 0, its last among them.</summary>
    public static IReadOnlyList<int> AlongRun { get; } = [.. Enumerable.Range(Runs, Along.Length), 0];

    /// <summary>Trains every run, one a thread, and writes each checkpoint to a file.</summary>
    /// <param name="network">The network.</param>
    /// <param name="train">The training examples.</param>
    /// <param name="directory">Where the files go.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="progress">Told how many runs are done.</param>
    /// <param name="cancellationToken">Stops the training.</param>
    /// <returns>The checkpoints by model id.</returns>
    public static Checkpoint[] Train(
        OnnxModel network, Batch train, string directory, int threads, IProgress<long> progress, CancellationToken cancellationToken)
    {
        Checkpoint[] checkpoints = new Checkpoint[Count];
        int done = 0;
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        Parallel.For(0, Runs, options, run =>
        {
            using OnnxModel trained = DigitsNetwork.Train(network, train, null, (ulong)run, cancellationToken, (model, epoch) =>
            {
                if (run == 0 && Array.IndexOf(Along, epoch) is var place and >= 0) Keep(Runs + place, model, $"checkpoint_0_epoch_{epoch}");
            });
            Keep(run, trained, $"checkpoint_{run}");
            progress.Report(Interlocked.Increment(ref done));
        });
        return checkpoints;

        void Keep(int modelId, OnnxModel model, string name)
        {
            string path = Path.Combine(directory, $"{name}.safetensors");
            checkpoints[modelId] = model.ToCheckpoint(path);
            SafetensorsFile.Write(path, checkpoints[modelId].Tensors);
        }
    }
}
