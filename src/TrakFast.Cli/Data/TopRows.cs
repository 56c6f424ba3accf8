using System.Globalization;
using TrakFast.Datasets;
using TrakFast.Kernels;

namespace TrakFast.Cli.Data;

/// <summary>Writes lists of the strongest training examples, with the rows that people had, as a table for other programs.</summary>
internal static class TopRows
{
    private static readonly string[] Own = ["target", "kind", "rank", "train_index", "score"];

    /// <summary>Writes the lists of targets.</summary>
    /// <param name="path">A .csv, .jsonl or .parquet file.</param>
    /// <param name="scores">The scores.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="count">Proponents and opponents of each.</param>
    /// <param name="known">The examples; their columns are written where they are rows.</param>
    /// <exception cref="TrakException">There is no such target, or the file cannot be written, or its ending is another.</exception>
    public static void Write(string path, Scores scores, IEnumerable<long> targets, int count, ShownSets known)
    {
        RowSource? rows = known.TrainRows?.Source;
        string[] columns = rows is null ? [] : [.. rows.Columns];
        List<object?[]> table = [];
        foreach (long target in targets)
        {
            Add("proponent", scores.Top(target, count), target);
            Add("opponent", scores.Bottom(target, count), target);
        }

        RowsFile.Write(path, [.. Own, .. columns.Select(static c => Own.Contains(c) ? $"train_{c}" : c)], table);

        void Add(string kind, IReadOnlyList<TrainScore> strongest, long target)
        {
            IReadOnlyList<object?[]>? read = rows?.Read([.. strongest.Select(static s => s.Index)], columns);
            for (int i = 0; i < strongest.Count; i++)
                table.Add([target, kind, (long)(i + 1), strongest[i].Index, Score(strongest[i].Score), .. (read?[i] ?? []).Select(Plain)]);
        }
    }

    // The same digits as float32 has.
    private static double Score(float score) =>
        double.Parse(score.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    // A picture in memory has no place in a table; its row tells where it is.
    private static object? Plain(object? value) => value switch
    {
        null or string or bool or long or double or byte[] => value,
        _ => RowValues.Text(value),
    };
}
