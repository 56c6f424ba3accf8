using TrakFast.Kernels;

namespace TrakFast.Evaluation;

/// <summary>
/// What scores predict for each subset, Σ_{i ∈ S_s} τ_ij, [S, m]: the product of the subsets' indicator matrix with the
/// scores, added up while their rows come. The scores [n, m] themselves are never kept, so memory is that of the sums
/// and of one block of rows, however many training examples there are.
/// </summary>
/// <example>
/// <code>
/// using SubsetPredictions predictions = new(subsets, targets, backend.Workers);
/// scorer.Score("val", predictions.Sink);
/// LinearDatamodelingScore lds = LinearDatamodelingScore.Compute(predictions, margins.Mean());
/// </code>
/// </example>
/// <remarks>
/// Blocks of at most 1,024 rows are multiplied in float32 and added up in float64, in order, so that neither millions of
/// rows nor the sizes in which they come nor the number of threads change the digits that matter.
/// </remarks>
public sealed unsafe class SubsetPredictions : IDisposable
{
    private readonly Subsets _subsets;
    private readonly Workers _workers;
    private readonly int _blockRows;
    private readonly NativeBuffer<double> _sums;
    private readonly NativeBuffer<float> _rows;
    private readonly NativeBuffer<float> _indicators;
    private readonly NativeBuffer<float> _product;
    private long _blockStart;
    private int _pending;
    private bool _isDisposed;

    /// <summary>Starts with no rows.</summary>
    /// <param name="subsets">S subsets of the n training examples.</param>
    /// <param name="targets">Number of targets m.</param>
    /// <param name="workers">Threads to use; null for the caller's alone. The result does not depend on them.</param>
    public SubsetPredictions(Subsets subsets, int targets, Workers? workers = null)
    {
        ArgumentNullException.ThrowIfNull(subsets);
        ArgumentOutOfRangeException.ThrowIfLessThan(targets, 1);
        (_subsets, Targets, _workers) = (subsets, targets, workers ?? Workers.Single);
        _blockRows = (int)Math.Min(RowBlocks.BlockRows(targets), subsets.Universe);
        _sums = new NativeBuffer<double>((long)subsets.Count * targets);
        _rows = new NativeBuffer<float>((long)_blockRows * targets);
        _indicators = new NativeBuffer<float>((long)subsets.Count * _blockRows);
        _product = new NativeBuffer<float>((long)subsets.Count * targets);
        Sink = new TileSink(targets, Add);
    }

    /// <summary>Number of targets m.</summary>
    public int Targets { get; }

    /// <summary>Number of subsets S.</summary>
    public int Subsets => _subsets.Count;

    /// <summary>Rows that have come.</summary>
    public long Rows => _blockStart + _pending;

    /// <summary>Takes the scores of <see cref="TrakScorer.Score"/> as they are made.</summary>
    public TileSink Sink { get; }

    /// <summary>Takes the scores of the next training examples.</summary>
    /// <param name="firstRow">Index of the first of them, which is how many have come.</param>
    /// <param name="rows">τ, [rows, m].</param>
    /// <exception cref="ArgumentException">The rows are not the next ones, no whole number, or more than there are examples.</exception>
    public void Add(long firstRow, ReadOnlySpan<float> rows)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        (int count, int rest) = Math.DivRem(rows.Length, Targets);
        if (rest != 0) throw new ArgumentException($"{rows.Length} scores are no whole number of rows of {Targets} targets.", nameof(rows));
        if (firstRow != Rows)
            throw new ArgumentException($"Row {firstRow} came where row {Rows} is next; give each row once, in order.", nameof(firstRow));
        if (count > _subsets.Universe - firstRow)
        {
            throw new ArgumentException(
                $"{count} rows came from row {firstRow} on; "
                + $"there are {_subsets.Universe} training examples.", nameof(rows));
        }

        while (rows.Length > 0)
        {
            int taken = Math.Min(_blockRows - _pending, rows.Length / Targets);
            rows[..(taken * Targets)].CopyTo(_rows.Slice((long)_pending * Targets, taken * Targets));
            rows = rows[(taken * Targets)..];
            Took(taken);
        }
    }

    /// <summary>Asks for the rows that have not come, each once, a block at a time.</summary>
    /// <param name="scores">τ, rows of [n, m].</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    public void AddRest(RowBlockReader scores, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        while (Rows < _subsets.Universe)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(_blockRows - _pending, _subsets.Universe - Rows);
            scores(Rows, _rows.Slice((long)_pending * Targets, count * Targets));
            Took(count);
        }
    }

    /// <summary>The predictions for one subset, [m].</summary>
    /// <param name="subset">Subset s.</param>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    public ReadOnlySpan<double> Of(int subset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(subset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(subset, Subsets);
        return Sums().Slice((long)subset * Targets, Targets);
    }

    /// <summary>All predictions, [S, m].</summary>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    internal NativeBuffer<double> Sums()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Rows == _subsets.Universe
            ? _sums
            : throw new InvalidOperationException(
                $"The scores of {Rows} of {_subsets.Universe} training examples have come; "
                + "give the rest first.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        _sums.Dispose();
        _rows.Dispose();
        _indicators.Dispose();
        _product.Dispose();
    }

    // Blocks begin at multiples of the block size whatever the tiles are, and with that the sums are the same to the bit.
    private void Took(int rows)
    {
        _pending += rows;
        if (_pending == _blockRows || Rows == _subsets.Universe) AddBlock();
    }

    private void AddBlock()
    {
        int subsets = _subsets.Count, block = _blockRows, rows = _pending, targets = Targets;
        for (int s = 0; s < subsets; s++) _subsets.Indicators(s, _blockStart, _indicators.Slice((long)s * block, rows));
        float* product = _product.Pointer;
        double* sums = _sums.Pointer;
        Sgemm.Multiply(
            _workers, false, false, subsets, targets, rows, _indicators.Pointer, block, _rows.Pointer, targets, product, targets, false);
        _workers.Run(_sums.Length, 1 << 16, (from, to) =>
        {
            for (long at = from; at < to; at++) sums[at] += product[at];
        });
        (_blockStart, _pending) = (_blockStart + rows, 0);
    }
}
