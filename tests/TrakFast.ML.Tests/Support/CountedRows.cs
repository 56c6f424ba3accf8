using System.Collections;

namespace TrakFast.ML.Tests.Support;

/// <summary>Rows that count how often they are gone through, and how many of them are asked for.</summary>
/// <param name="count">Number of rows.</param>
internal sealed class CountedRows(int count) : IEnumerable<NumberedRow>
{
    /// <summary>Passes that were begun.</summary>
    public int Passes { get; private set; }

    /// <summary>Rows that were handed out.</summary>
    public int Rows { get; private set; }

    /// <inheritdoc/>
    public IEnumerator<NumberedRow> GetEnumerator()
    {
        Passes++;
        for (int i = 0; i < count; i++)
        {
            Rows++;
            yield return NumberedRow.Of(i);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
