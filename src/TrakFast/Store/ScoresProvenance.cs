namespace TrakFast;

/// <summary>What made the scores of an experiment, as it was when they were finalized.</summary>
/// <param name="ModelIds">The checkpoints that they are the mean of.</param>
/// <param name="Weights">SHA-256 of the weights of each.</param>
/// <param name="Lambda">λ as it was asked for.</param>
/// <param name="LambdaAbsolute">λ as it was added to the diagonal, for each checkpoint; empty where MadryLab/trak made the scores.</param>
/// <param name="Weighting">Where Q entered.</param>
/// <param name="Engines">What featurized, with the type that it computed in: <c>managed float32</c>.</param>
/// <param name="Backend">What solved and multiplied.</param>
/// <param name="Version">The version of TrakFast; empty where MadryLab/trak made the scores.</param>
/// <param name="TrainSetId">What identifies the training data; empty where nobody said.</param>
/// <param name="TargetSetId">What identifies the targets' data; empty where nobody said.</param>
public sealed record ScoresProvenance(
    IReadOnlyList<int> ModelIds, IReadOnlyList<string> Weights, Lambda Lambda, IReadOnlyList<double> LambdaAbsolute, Weighting Weighting,
    IReadOnlyList<string> Engines, string Backend, string Version, string TrainSetId, string TargetSetId);
