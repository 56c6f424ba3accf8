namespace TrakFast;

/// <summary>How far a long step has come.</summary>
/// <param name="Phase">The step: <c>featurize</c>, <c>finalize</c>, <c>score</c>.</param>
/// <param name="Done">Examples (or rows) done.</param>
/// <param name="Total">Examples (or rows) there are.</param>
public readonly record struct TrakProgress(string Phase, long Done, long Total);
