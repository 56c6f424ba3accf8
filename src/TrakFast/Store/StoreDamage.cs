namespace TrakFast;

/// <summary>Something in a save directory that is not what was written.</summary>
/// <param name="Path">The file.</param>
/// <param name="Rows">Its rows that are damaged or missing; empty where the whole file is.</param>
/// <param name="Problem">What is wrong, as the rest of a sentence that begins with the file.</param>
public sealed record StoreDamage(string Path, IReadOnlyList<long> Rows, string Problem)
{
    private const int MostNamed = 8;

    /// <summary>The sentence: <c>0/grads.mmap: rows 3, 17..19 are not what was written.</c></summary>
    public override string ToString() => Rows.Count switch
    {
        0 => $"{Path} {Problem}.",
        1 => $"{Path}: row {Rows[0]} {Problem}.",
        _ => $"{Path}: rows {RowText()} {Problem}.",
    };

    private string RowText()
    {
        string[] runs = [.. RowRuns.Of(Rows).Select(static r => r.Count == 1 ? $"{r.Row}" : $"{r.Row} to {r.Row + r.Count - 1}")];
        return runs.Length <= MostNamed ? string.Join(", ", runs) : $"{string.Join(", ", runs[..MostNamed])} … ({Rows.Count} rows)";
    }
}
