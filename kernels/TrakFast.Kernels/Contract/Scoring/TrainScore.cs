namespace TrakFast.Kernels;

/// <summary>A training example's score for some target.</summary>
/// <param name="Index">Train index of the example.</param>
/// <param name="Score">Positive: a proponent, which pushed the output up. Negative: an opponent.</param>
public readonly record struct TrainScore(long Index, float Score);
