using System.Globalization;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Data;
using TrakFast.Datasets;

namespace TrakFast.Cli.Commands;

/// <summary>
/// The tables of <c>trakfast top --sum-by</c>: groups of training examples, such as the windows of a document, by the sum of their
/// scores.
/// </summary>
internal sealed class TopGroups
{
    private const int BlockRows = 1024;
    private readonly Scores _scores;
    private readonly string _column;
    private readonly List<string> _names = [];
    private readonly int[] _groups;
    private readonly int[] _sizes;

    /// <summary>Groups the training examples by the values of a column.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="rows">The training examples' rows.</param>
    /// <param name="column">The column.</param>
    /// <exception cref="TrakException">There is no such column, or the rows are not as many as the scores.</exception>
    public TopGroups(Scores scores, RowSource rows, string column)
    {
        (_scores, _column) = (scores, column);
        Examples.ScoredSets.CheckTrain(scores, rows.Count);
        Dictionary<string, int> known = new(StringComparer.Ordinal);
        _groups = new int[rows.Count];
        for (long start = 0; start < rows.Count; start += BlockRows)
        {
            long[] block = [.. Enumerable.Range(0, (int)Math.Min(BlockRows, rows.Count - start)).Select(i => start + i)];
            IReadOnlyList<object?[]> values = rows.Read(block, [column]);
            for (int i = 0; i < block.Length; i++)
            {
                string name = RowValues.Text(values[i][0]);
                if (!known.TryGetValue(name, out int group))
                {
                    known.Add(name, group = _names.Count);
                    _names.Add(name);
                }

                _groups[block[i]] = group;
            }
        }

        _sizes = new int[_names.Count];
        foreach (int group in _groups) _sizes[group]++;
    }

    /// <summary>Writes the groups that spoke most strongly for and against a target.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="target">The target's index.</param>
    /// <param name="count">Rows on each side.</param>
    /// <exception cref="TrakException">There is no such target.</exception>
    public void Write(ToolConsole console, long target, int count)
    {
        double[] sums = new double[_names.Count];
        float[] scores = _scores.Target(target);
        for (int i = 0; i < scores.Length; i++) sums[_groups[i]] += scores[i];
        int[] order = [.. Enumerable.Range(0, sums.Length).OrderByDescending(g => sums[g])];
        console.Line($"Target {target}");
        console.Table(Side("Proponent", order.Take(count), sums));
        console.Table(Side("Opponent", order.Reverse().Take(count), sums));
    }

    private ToolTable Side(string heading, IEnumerable<int> groups, double[] sums)
    {
        ToolTable table = new(["Rank", "Sum of scores", "Examples", heading]) { CutsLastColumn = true };
        int rank = 0;
        foreach (int group in groups)
            table.Add(
                $"{++rank}", sums[group].ToString("+0.000e+00;-0.000e+00;0", CultureInfo.InvariantCulture), $"{_sizes[group]}",
                $"{_column} {Vocabularies.VisibleText.OnOneLine(_names[group])}");
        return table;
    }
}
