namespace TrakFast.Kernels;

/// <summary>Checks what scores are asked of.</summary>
public static class ScoreShape
{
    /// <summary>Throws where features do not match.</summary>
    /// <param name="train">For each model float32 [rows, k_model].</param>
    /// <param name="targets">For each model float32 [m, k_model].</param>
    /// <param name="rows">Train examples.</param>
    /// <param name="count">Targets m.</param>
    public static void Check(IReadOnlyList<MemoryView> train, IReadOnlyList<MemoryView> targets, long rows, long count)
    {
        if (train.Count != targets.Count)
            throw new ArgumentException($"There are train features of {train.Count} models and target features of {targets.Count}.");
        if (rows == 0 || count == 0) return;
        for (int model = 0; model < train.Count; model++)
        {
            if (train[model].Length % rows != 0 || train[model].Length / rows * count != targets[model].Length)
                throw new ArgumentException(
                    $"Model {model}: {train[model].Length} train features of {rows} rows do not match "
                    + $"{targets[model].Length} features of {count} targets.");
        }
    }
}
