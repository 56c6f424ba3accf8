namespace TrakFast;

/// <summary>What <see cref="Tasks.ByName"/> may be told beside a task's name.</summary>
public sealed record TaskOptions
{
    /// <summary>Divides the logits in Q.</summary>
    /// <value>Default null: 1. Not for <c>regression</c>.</value>
    public float? Temperature { get; init; }

    /// <summary>The examples that <c>clip</c> contrasts with.</summary>
    /// <value>Default null; <c>clip</c> needs it, and no other task has it.</value>
    public ContrastSet? Contrast { get; init; }

    /// <summary>Takes <c>clip</c>'s Q over batches of this many examples; see <see cref="Clip"/>.</summary>
    /// <value>Default null: over an example and the contrast set. For <c>clip</c> alone.</value>
    public int? ClipBatchSize { get; init; }

    /// <summary>Refuses what a task has no use for, and asks for what it needs.</summary>
    internal void CheckFor(string task)
    {
        bool isClip = task == Clip.TaskName;
        if (Temperature is { } temperature && task == "regression")
            throw new TrakException($"The task regression has no temperature; {temperature} was given.");
        if (isClip && Contrast is null)
            throw new TrakException("The task clip needs a contrast set of training examples; give one, drawn or chosen.");
        if (!isClip && (Contrast is not null || ClipBatchSize is not null))
            throw new TrakException($"A contrast set and a batch for Q are for the task clip; the task is {task}.");
    }
}
