using System.Runtime.CompilerServices;
using TorchSharp;
using TorchSharp.Modules;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>
/// Batches from TorchSharp's data loaders and from tensors. What a loader gives is copied, since it disposes it when it goes on.
/// </summary>
public static class TorchBatches
{
    /// <summary>One batch, copied from wherever its tensors lie.</summary>
    /// <param name="tensors">Tensors [B, …] by name.</param>
    public static Batch Of(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        TorchLibrary.Require();
        return new Batch(tensors.Select(static t => KeyValuePair.Create(t.Key, Copy(t.Value))));
    }

    /// <summary>From a loader of named tensors, such as TorchSharp's <c>DataLoader</c>.</summary>
    /// <param name="batches">Tensors [B, …] by name.</param>
    /// <param name="indices">
    /// The tensor of each batch that says which examples of the set it holds, int64 [B]; null where they come in their order, as they do
    /// unless a loader shuffles.
    /// </param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="TrakException">The loader shuffles, and its batches do not say which examples they hold.</exception>
    public static async IAsyncEnumerable<Batch> From(
        IEnumerable<Dictionary<string, Tensor>> batches, string? indices = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batches);
        TorchLibrary.Require();
        if (indices is null && batches is DataLoader<Dictionary<string, Tensor>, Dictionary<string, Tensor>> loader)
            RequireOrder(loader.sampler);
        foreach (Dictionary<string, Tensor> batch in batches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Batch all = Of(batch);
            yield return indices is null ? all : all.With(all[indices].ToLongs());
            await Task.CompletedTask.ConfigureAwait(false);
        }
    }

    /// <summary>From a loader of tensors without names, such as TorchSharp's <c>IterableDataLoader</c>.</summary>
    /// <param name="batches">Tensors [B, …].</param>
    /// <param name="names">What to call them, in order.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="TrakException">A batch has another number of tensors.</exception>
    public static async IAsyncEnumerable<Batch> From(
        IEnumerable<IList<Tensor>> batches, IReadOnlyList<string> names,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(names);
        TorchLibrary.Require();
        if (batches is DataLoader<IList<Tensor>, IList<Tensor>> loader) RequireOrder(loader.sampler);
        foreach (IList<Tensor> batch in batches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (batch.Count != names.Count)
                throw new TrakException(
                    $"A batch has {batch.Count} tensors, and {names.Count} names were given ({string.Join(", ", names)}).");
            yield return new Batch(batch.Select((t, i) => KeyValuePair.Create(names[i], Copy(t))));
            await Task.CompletedTask.ConfigureAwait(false);
        }
    }

    /// <summary>From tensors that hold all examples.</summary>
    /// <param name="tensors">Tensors [n, …] by name.</param>
    /// <param name="batchSize">Examples in a batch; the last may have fewer.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public static async IAsyncEnumerable<Batch> From(
        IReadOnlyDictionary<string, Tensor> tensors, int batchSize, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        TorchLibrary.Require();
        Batch all = Of(tensors);
        for (int first = 0; first < all.Size; first += batchSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return all.Rows(first, Math.Min(batchSize, all.Size - first));
            await Task.CompletedTask.ConfigureAwait(false);
        }
    }

    // Which example a batch of a loader that shuffles holds cannot be known from outside.
    private static void RequireOrder(IEnumerable<long> sampler)
    {
        long next = 0;
        foreach (long index in sampler)
        {
            if (index != next)
                throw new TrakException(
                    $"The DataLoader shuffles: its example {next} is {index} of the set, so that rows would go to other examples; "
                    + "make it with shuffle: false, or have its batches carry their indices and name that tensor.");
            next++;
        }
    }

    private static DataArray Copy(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return TorchMemory.ToArray(tensor);
    }
}
