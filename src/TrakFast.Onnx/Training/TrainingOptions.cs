namespace TrakFast.Onnx;

/// <summary>How the learning rate falls over a training.</summary>
public enum LearningRateSchedule
{
    /// <summary>It does not.</summary>
    Constant,

    /// <summary>In a straight line to 0.</summary>
    Linear,

    /// <summary>Along half a cosine to 0.</summary>
    Cosine,
}

/// <summary>How <see cref="SgdTrainer"/> trains.</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the examples.</summary>
    /// <value>Default: 12.</value>
    public int Epochs { get; init; } = 12;

    /// <summary>Examples a step; the last of an epoch may have fewer.</summary>
    /// <value>Default: 32.</value>
    public int BatchSize { get; init; } = 32;

    /// <summary>The learning rate at the start.</summary>
    /// <value>Default: 0.1.</value>
    public float LearningRate { get; init; } = 0.1f;

    /// <summary>How much of the last step goes on.</summary>
    /// <value>Default: 0.9.</value>
    public float Momentum { get; init; } = 0.9f;

    /// <summary>What is added to the gradient, times the weight.</summary>
    /// <value>Default: 0.0005.</value>
    public float WeightDecay { get; init; } = 5e-4f;

    /// <summary>How the learning rate falls.</summary>
    /// <value>Default: <see cref="LearningRateSchedule.Cosine"/>.</value>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Cosine;

    /// <summary>Decides the order of the examples.</summary>
    /// <value>Default: 0.</value>
    public ulong Seed { get; init; }

    internal void Validate()
    {
        if (Epochs < 1) throw new TrakException($"A training needs one epoch or more; {Epochs} were asked for.");
        if (BatchSize < 1) throw new TrakException($"A training step needs one example or more; {BatchSize} were asked for.");
        if (!(LearningRate > 0) || !float.IsFinite(LearningRate))
            throw new TrakException($"The learning rate must be a positive number; it is {LearningRate}.");
        if (!(Momentum is >= 0 and < 1)) throw new TrakException($"The momentum must lie in [0, 1); it is {Momentum}.");
        if (!(WeightDecay >= 0) || !float.IsFinite(WeightDecay))
            throw new TrakException($"The weight decay must not be negative; it is {WeightDecay}.");
    }
}
