namespace TrakFast.Kernels;

/// <summary>
/// The r best of the scores that came, at either end. Scores are taken into a list of twice as many; when it is full, the best
/// half is selected, which costs a few comparisons for each score taken, where a list kept in order would move half of its
/// entries.
/// </summary>
/// <param name="count">Scores r to keep.</param>
/// <param name="sign">1 to keep the highest, −1 for the lowest.</param>
internal sealed class BestScores(int count, int sign)
{
    private TrainScore[] _taken = [];
    private int _length;
    private bool _ranked;

    /// <summary>Takes a score.</summary>
    /// <param name="example">The score.</param>
    /// <param name="bar">What a score must reach; raised when r better ones are known.</param>
    public void Add(TrainScore example, ref float bar)
    {
        if (_length == _taken.Length)
        {
            if (_length < 2L * count)
            {
                Array.Resize(ref _taken, (int)Math.Min(Math.Min(2L * count, Array.MaxLength), Math.Max(16, 2L * _length)));
            }
            else
            {
                Select();
                bar = Worst();
                if (sign > 0 ? example.Score < bar : example.Score > bar) return;
            }
        }

        _taken[_length++] = example;
        _ranked = false;
    }

    /// <summary>The best scores, best first.</summary>
    public ReadOnlySpan<TrainScore> Ranked()
    {
        lock (this)
        {
            if (!_ranked)
            {
                if (_length > count) Select();
                _taken.AsSpan(0, _length).Sort((a, b) => Precedes(a, b) ? -1 : Precedes(b, a) ? 1 : 0);
                _ranked = true;
            }
        }

        return _taken.AsSpan(0, _length);
    }

    /// <summary>Moves the r best to the front, in any order, and forgets the others (Hoare, «Algorithm 65: Find», 1961).</summary>
    private void Select()
    {
        Span<TrainScore> taken = _taken.AsSpan(0, _length);
        int low = 0, high = _length - 1, wanted = count - 1;
        while (low < high)
        {
            // The median of three keeps rising and falling scores from being the worst case.
            TrainScore pivot = Median(taken[low], taken[(low + high) >>> 1], taken[high]);
            int i = low, j = high;
            while (i <= j)
            {
                while (Precedes(taken[i], pivot)) i++;
                while (Precedes(pivot, taken[j])) j--;
                if (i > j) break;
                (taken[i], taken[j]) = (taken[j], taken[i]);
                i++;
                j--;
            }

            if (wanted <= j) high = j;
            else if (wanted >= i) low = i;
            else break;
        }

        _length = count;
    }

    private float Worst()
    {
        float worst = _taken[0].Score;
        for (int i = 1; i < _length; i++) worst = sign > 0 ? Math.Min(worst, _taken[i].Score) : Math.Max(worst, _taken[i].Score);
        return worst;
    }

    private TrainScore Median(TrainScore a, TrainScore b, TrainScore c)
    {
        if (Precedes(b, a)) (a, b) = (b, a);
        return Precedes(c, a) ? a : Precedes(c, b) ? c : b;
    }

    private bool Precedes(TrainScore a, TrainScore b) => a.Score == b.Score ? a.Index < b.Index : a.Score > b.Score == sign > 0;
}
