namespace TrakFast.Datasets;

/// <summary>Finds the tokens that a text begins with, the shortest first.</summary>
internal sealed class TokenTrie
{
    private readonly Dictionary<long, int> _children = [];
    private readonly List<int> _values = [-1];

    /// <summary>Adds a token; the last of several with one text counts.</summary>
    public void Add(ReadOnlySpan<char> text, int value)
    {
        int node = 0;
        foreach (char c in text)
        {
            long key = ((long)node << 16) | c;
            if (!_children.TryGetValue(key, out int child))
            {
                child = _values.Count;
                _values.Add(-1);
                _children.Add(key, child);
            }

            node = child;
        }

        _values[node] = value;
    }

    /// <summary>Goes one character on.</summary>
    /// <param name="node">Where the walk is, 0 at its beginning.</param>
    /// <param name="c">The character.</param>
    /// <param name="value">The token that ends here, −1 for none.</param>
    /// <returns>Whether any token goes on so.</returns>
    public bool Step(ref int node, char c, out int value)
    {
        value = -1;
        if (!_children.TryGetValue(((long)node << 16) | c, out int child)) return false;
        node = child;
        value = _values[child];
        return true;
    }

    /// <summary>Number of characters of the longest token that a text begins with, 0 for none.</summary>
    public int Longest(ReadOnlySpan<char> text)
    {
        int node = 0, longest = 0;
        for (int i = 0; i < text.Length && Step(ref node, text[i], out int value); i++)
            if (value >= 0) longest = i + 1;
        return longest;
    }
}
