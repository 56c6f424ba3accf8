using Microsoft.ML;
using Microsoft.ML.Data;

namespace TrakFast.ML;

/// <summary>Scores as data views.</summary>
public static class ScoreViews
{
    /// <summary>
    /// The strongest training examples of targets, a row each: <c>Target</c>, <c>IsProponent</c>, <c>Rank</c> from 1, <c>TrainIndex</c> and
    /// <c>Score</c>.
    /// </summary>
    /// <param name="data">ML.NET's catalog of data, <c>mlContext.Data</c>.</param>
    /// <param name="scores">The scores, which must not be disposed before the call returns.</param>
    /// <param name="targets">The targets; none for all.</param>
    /// <param name="count">Proponents and opponents of each.</param>
    /// <exception cref="TrakException">There is no such target.</exception>
    public static IDataView LoadFromScores(
        this DataOperationsCatalog data, Scores scores, IReadOnlyList<long>? targets = null, int count = 10)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(scores);
        IEnumerable<long> wanted = targets is { Count: > 0 } ? targets : Numbers(scores.TargetCount);
        List<ScoredRow> rows = [];
        foreach (long target in wanted)
        {
            rows.AddRange(scores.Top(target, count).Select((s, i) => new ScoredRow(target, true, i + 1, s.Index, s.Score)));
            rows.AddRange(scores.Bottom(target, count).Select((s, i) => new ScoredRow(target, false, i + 1, s.Index, s.Score)));
        }

        return data.LoadFromEnumerable(rows);
    }

    /// <summary>
    /// The whole matrix, a row for each training example: <c>TrainIndex</c>, and <c>Scores</c>, a vector with a score for each target.
    /// </summary>
    /// <param name="data">ML.NET's catalog of data, <c>mlContext.Data</c>.</param>
    /// <param name="scores">The scores, read row by row while the view is, so that they must live as long.</param>
    public static IDataView LoadScoreMatrix(this DataOperationsCatalog data, Scores scores)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(scores);
        SchemaDefinition schema = SchemaDefinition.Create(typeof(ScoreRow));
        schema[nameof(ScoreRow.Scores)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, checked((int)scores.TargetCount));
        return data.LoadFromEnumerable(
            Numbers(scores.TrainSize).Select(train => new ScoreRow { TrainIndex = train, Scores = scores.Row(train) }), schema);
    }

    private static IEnumerable<long> Numbers(long count)
    {
        for (long i = 0; i < count; i++) yield return i;
    }
}
