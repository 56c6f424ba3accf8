namespace TrakFast.Evaluation;

/// <summary>One model to train.</summary>
public sealed class RetrainingTask
{
    private readonly Subsets _subsets;

    internal RetrainingTask(Subsets subsets, int subset, int repeat, ulong seed)
    {
        _subsets = subsets;
        (Subset, Repeat, Seed) = (subset, repeat, seed);
    }

    /// <summary>The subset's number s, from 0 on.</summary>
    public int Subset { get; }

    /// <summary>The training's number on this subset, from 0 on.</summary>
    public int Repeat { get; }

    /// <summary>
    /// Seed for everything random in this training; another one for every task of a study, and the same however many
    /// subsets and repeats there are.
    /// </summary>
    public ulong Seed { get; }

    /// <summary>The training examples to train on, ascending.</summary>
    public long[] Members() => _subsets.Members(Subset);

    /// <summary>Whether to train on an example.</summary>
    /// <param name="example">Training example i.</param>
    public bool Contains(long example) => _subsets.Contains(Subset, example);
}

/// <summary>How far a study is.</summary>
/// <param name="Done">Models trained.</param>
/// <param name="Total">Models to train.</param>
public readonly record struct RetrainingProgress(int Done, int Total);
