using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp.Tests;

/// <summary>Batches from loaders, which dispose theirs when they go on.</summary>
[TestFixture]
internal sealed class TorchBatchesTests
{
    [SetUp]
    public void Load() => TorchLibrary.Require();

    [Test]
    public void ALoaderThatShufflesIsRefusedUnlessItsBatchesCarryTheirIndices()
    {
        using DataLoader loader = new(new Squares(), 4, shuffle: true, seed: 5);
        TrakException refused = Assert.Throws<TrakException>(() => TorchBatches.From(loader).ToBlockingEnumerable().First())!;
        Assert.That(refused.Message, Does.Contain("The DataLoader shuffles").And.Contain("shuffle: false"));
        using IterableDataLoader unnamed = new(utils.data.TensorDataset(arange(9), arange(9)), 3, shuffle: true, seed: 5);
        Assert.Throws<TrakException>(() => TorchBatches.From(unnamed, ["x", "y"]).ToBlockingEnumerable().First());

        Dictionary<string, Tensor>[] shuffled =
        [
            new() { ["x"] = tensor(new[] { 2f, 0f }), ["index"] = tensor(new[] { 2L, 0L }) },
            new() { ["x"] = tensor(new[] { 1f }), ["index"] = tensor(new[] { 1L }) },
        ];
        long[][] indices = [.. TorchBatches.From(shuffled, "index").ToBlockingEnumerable().Select(static b => b.Indices!.ToArray())];
        Assert.That(indices, Is.EqualTo(new[] { new[] { 2L, 0 }, [1L] }));
    }

    [Test]
    public async Task ALoaderOfNamedTensors()
    {
        using DataLoader loader = new(new Squares(), 4, shuffle: false);
        List<Batch> batches = [];
        await foreach (Batch batch in TorchBatches.From(loader)) batches.Add(batch);
        Assert.That(batches.Select(static b => b.Size), Is.EqualTo(new[] { 4, 4, 2 }));
        Assert.That(
            batches.SelectMany(static b => b["x"].ToFloats()),
            Is.EqualTo(Enumerable.Range(0, 10).SelectMany(static i => new[] { i, (float)(i * i) })));
        Assert.That(batches[2]["label"].ToLongs(), Is.EqualTo(new[] { 8, 9 }));
    }

    [Test]
    public async Task ALoaderOfTensorsByPosition()
    {
        using Tensor x = arange(10).to_type(ScalarType.Float32).reshape(5, 2), y = arange(5);
        using IterableDataLoader loader = new(utils.data.TensorDataset(x, y), 3, shuffle: false);
        List<Batch> batches = [];
        await foreach (Batch batch in TorchBatches.From(loader, ["x", "label"])) batches.Add(batch);
        Assert.That(batches.SelectMany(static b => b["x"].ToFloats()), Is.EqualTo(Enumerable.Range(0, 10).Select(static i => (float)i)));
        Assert.That(batches.SelectMany(static b => b["label"].ToLongs()), Is.EqualTo(new[] { 0, 1, 2, 3, 4 }));
        Assert.That(
            async () =>
            {
                await foreach (Batch batch in TorchBatches.From(loader, ["x"])) batches.Add(batch);
            },
            Throws.InstanceOf<TrakException>().With.Message.Contains("2 tensors, and 1 names"));
    }

    [Test]
    public async Task TensorsOfAllExamples()
    {
        using Tensor x = arange(10).reshape(5, 2).t().contiguous().t();
        List<Batch> batches = [];
        await foreach (Batch batch in TorchBatches.From(new Dictionary<string, Tensor> { ["x"] = x }, 2)) batches.Add(batch);
        Assert.That(batches.SelectMany(static b => b["x"].ToLongs()), Is.EqualTo(Enumerable.Range(0, 10)));
        Assert.That(batches, Has.Count.EqualTo(3));
    }

    private sealed class Squares : utils.data.Dataset
    {
        public override long Count => 10;

        public override Dictionary<string, Tensor> GetTensor(long index) => new()
        {
            ["x"] = tensor(new[] { index, (float)(index * index) }),
            ["label"] = tensor(index),
        };
    }
}
