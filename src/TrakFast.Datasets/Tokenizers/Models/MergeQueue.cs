namespace TrakFast.Datasets;

/// <summary>Symbols of a word while pairs of them are merged, the pair of the lowest rank first, then the leftmost.</summary>
internal sealed class MergeQueue
{
    private readonly List<(int Id, int Previous, int Next, int Start, int End)> _symbols = [];
    private readonly PriorityQueue<(int At, int Id), long> _queue = new();

    /// <summary>Adds a symbol behind the others.</summary>
    public void Add(int id, int start, int end)
    {
        int at = _symbols.Count;
        if (at > 0) _symbols[at - 1] = _symbols[at - 1] with { Next = at };
        _symbols.Add((id, at - 1, -1, start, end));
    }

    /// <summary>Merges what can be merged and adds the tokens that are left.</summary>
    public void Run(BpeMerges merges, List<ModelToken> tokens)
    {
        for (int i = 0; i + 1 < _symbols.Count; i++) Enqueue(merges, i, i + 1);
        while (_queue.TryDequeue(out (int At, int Id) top, out _))
        {
            (int id, _, int next, int start, _) = _symbols[top.At];

            // Since this pair was queued, one of its symbols may have gone into another.
            if (id < 0 || next < 0) continue;
            if (!merges.TryGet(id, _symbols[next].Id, out _, out int now) || now != top.Id) continue;
            (_, _, int after, _, int end) = _symbols[next];
            _symbols[next] = _symbols[next] with { Id = -1 };
            _symbols[top.At] = _symbols[top.At] with { Id = top.Id, Next = after, Start = start, End = end };
            if (after >= 0) _symbols[after] = _symbols[after] with { Previous = top.At };
            if (_symbols[top.At].Previous is >= 0 and int previous) Enqueue(merges, previous, top.At);
            if (after >= 0) Enqueue(merges, top.At, after);
        }

        foreach ((int id, _, _, int start, int end) in _symbols)
            if (id >= 0) tokens.Add(new ModelToken(id, start, end));
    }

    private void Enqueue(BpeMerges merges, int left, int right)
    {
        if (merges.TryGet(_symbols[left].Id, _symbols[right].Id, out int rank, out int id))
            _queue.Enqueue((left, id), ((long)rank << 32) | (uint)left);
    }
}
