namespace TrakFast.Datasets;

/// <summary>Merges characters pair by pair, the merge with the highest score first, as SentencePiece does.</summary>
internal sealed class SentencePieceBytePairs : SentencePieceModel
{
    private static readonly Comparer<(float Score, int Left)> HighestFirst = Comparer<(float Score, int Left)>.Create(
        static (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Left.CompareTo(b.Left));

    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly TokenTrie _symbols = new();
    private readonly int _longest;

    /// <summary>Takes the pieces.</summary>
    public SentencePieceBytePairs(SentencePieceFile file)
        : base(file)
    {
        _lookup = Ids.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int i = 0; i < file.Pieces.Count; i++)
            if (file.Pieces[i].Kind == PieceKind.UserDefined) _symbols.Add(file.Pieces[i].Text, i);
        _longest = Ids.Keys.Select(static t => t.Length).DefaultIfEmpty(0).Max();
    }

    private record struct Symbol(int Start, int End, int Previous, int Next, bool Frozen);

    /// <inheritdoc/>
    public override void Divide(ReadOnlySpan<char> text, List<ModelToken> tokens)
    {
        List<Symbol> symbols = [];
        for (int at = 0; at < text.Length;)
        {
            int length = _symbols.Longest(text[at..]);
            bool frozen = length > 0;
            if (!frozen) CodePoints.At(text, at, out length);
            symbols.Add(new Symbol(at, at + length, symbols.Count - 1, at + length < text.Length ? symbols.Count + 1 : -1, frozen));
            at += length;
        }

        PriorityQueue<(int Left, int Right, int Length), (float Score, int Left)> queue = new(HighestFirst);
        Dictionary<(int Start, int End), int> unusedAt = [];
        for (int i = 1; i < symbols.Count; i++) Offer(text, symbols, queue, unusedAt, i - 1, i);
        while (queue.TryDequeue(out (int Left, int Right, int Length) top, out _))
        {
            (Symbol left, Symbol right) = (symbols[top.Left], symbols[top.Right]);
            if (left.End == left.Start || right.End == right.Start || right.End - left.Start != top.Length || left.Next != top.Right)
                continue;

            symbols[top.Left] = left with { End = right.End, Next = right.Next };
            if (right.Next >= 0) symbols[right.Next] = symbols[right.Next] with { Previous = top.Left };
            symbols[top.Right] = right with { End = right.Start };
            Offer(text, symbols, queue, unusedAt, left.Previous, top.Left);
            Offer(text, symbols, queue, unusedAt, top.Left, right.Next);
        }

        for (int i = symbols.Count > 0 ? 0 : -1; i >= 0; i = symbols[i].Next) Emit(text, symbols[i], unusedAt, tokens);
    }

    private void Offer(
        ReadOnlySpan<char> text, List<Symbol> symbols, PriorityQueue<(int, int, int), (float, int)> queue,
        Dictionary<(int Start, int End), int> unusedAt, int left, int right)
    {
        if (left < 0 || right < 0 || symbols[left].Frozen || symbols[right].Frozen) return;
        int start = symbols[left].Start, end = symbols[right].End;
        if (end - start > _longest || !_lookup.TryGetValue(text[start..end], out int id)) return;
        queue.Enqueue((left, right, end - start), (File.Pieces[id].Score, left));
        if (File.Pieces[id].Kind == PieceKind.Unused) unusedAt[(start, end)] = symbols[left].End;
    }

    // A piece that is never used falls into the two that it was merged of.
    private void Emit(ReadOnlySpan<char> text, Symbol symbol, Dictionary<(int Start, int End), int> unusedAt, List<ModelToken> tokens)
    {
        Stack<(int Start, int End)> rest = new([(symbol.Start, symbol.End)]);
        while (rest.TryPop(out (int Start, int End) part))
        {
            int id = _lookup.TryGetValue(text[part.Start..part.End], out int known) ? known : File.UnknownId;
            if (File.Pieces[id].Kind == PieceKind.Unused && unusedAt.TryGetValue(part, out int middle))
            {
                rest.Push((middle, part.End));
                rest.Push((part.Start, middle));
                continue;
            }

            tokens.Add(new ModelToken(id, part.Start, part.End));
        }
    }
}
