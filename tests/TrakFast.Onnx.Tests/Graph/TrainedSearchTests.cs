using TrakFast.Kernels;

namespace TrakFast.Onnx.Tests;

/// <summary>What several checkpoints, or a list, say of a graph's parameters.</summary>
internal sealed class TrainedSearchTests
{
    private static readonly string[] Both = ["w", "b"];

    [Test]
    public void WhatAllCheckpointsHoldAlikeIsNotTrained()
    {
        OnnxGraph graph = Found(("w", 1), ("w", 2));
        Assert.That(graph.Parameters.Select(static p => p.Name), Is.EqualTo(new[] { "w" }));
        Assert.That(graph.Untrained.Single().Reason, Is.EqualTo("the same bits in all 2 checkpoints"));
        using OnnxModel model = new(graph);
        model.Load(Checkpoint(("w", 3), ("b", 4)));
        using ModelResult result = model.Forward(new Batch(("x", DataArray.From([1f, 1, 1], 1, 3))));
        Assert.That(result.First.ToArray(), Is.EqualTo(new[] { 10f, 10f, 11f }), "what is left out is loaded all the same");
    }

    [Test]
    public void TwinsAndOneCheckpointTellNothing()
    {
        Assert.That(Found(("w", 1)).Parameters, Has.Count.EqualTo(2));
        Assert.That(Found(("w", 1), ("w", 1)).Parameters, Has.Count.EqualTo(2));
    }

    [Test]
    public void WhatLooksLikeATableAndChangesIsAParameter()
    {
        OnnxGraph graph = new ModelFile().Input("x", 8).Output("y").Array("t", [0, 1, 2, 3, 4, 5, 6, 7], 8).Array("w", new float[8], 8)
            .Node("Mul", "x w", "a").Node("Add", "a t", "y").Read();
        Assert.That(graph.Untrained.Select(static u => u.Name), Is.EqualTo(new[] { "t" }));
        float[] moved = [0, 1, 2, 3.5f, 4, 5, 6, 7];
        using TrainedSearch search = new(graph);
        search.Add(new Checkpoint("a", new Dictionary<string, DataArray>
        {
            ["t"] = DataArray.From(moved, 8), ["w"] = DataArray.From(new float[8], 8)
        }));
        Assert.That(search.Result().Parameters.Select(static p => p.Name), Is.EquivalentTo(new[] { "t", "w" }));
    }

    [Test]
    public void TheSearchsHashIsTheModels()
    {
        OnnxGraph graph = Graph();
        Checkpoint checkpoint = Checkpoint(("w", 3), ("b", 4));
        using TrainedSearch search = new(graph);
        using OnnxModel model = new(graph);
        model.Load(checkpoint);
        Assert.That(search.Add(checkpoint), Is.EqualTo(model.WeightHash));
    }

    [Test]
    public void AListIsTakenWithOrWithoutOnePrefix([Values("", "module.", "model.net.")] string prefix)
    {
        NamedParameters listed = TrainedParameters.Named(Graph(), [.. Both.Select(n => prefix + n)], "list"),
            known = TrainedParameters.Named(Graph(prefix), Both, "list");
        Assert.That(listed.Graph.Parameters, Has.Count.EqualTo(2));
        Assert.That(known.Graph.Parameters, Has.Count.EqualTo(2));
        Assert.That(listed.Change is null, Is.EqualTo(prefix.Length == 0));
        Assert.That(known.Missing.Concat(listed.Missing), Is.Empty);
    }

    [Test]
    public void NamesThatTheGraphLacksAreTold()
    {
        NamedParameters named = TrainedParameters.Named(Graph(), ["w", "gone"], "list.json");
        Assert.That(named.Missing, Is.EqualTo(new[] { "gone" }));
        Assert.That(named.Graph.Untrained.Select(static u => (u.Name, u.Reason)), Is.EqualTo(new[] { ("b", "not in list.json") }));
        Assert.That(
            () => TrainedParameters.Named(Graph(), ["gone"], "list.json"),
            Throws.InstanceOf<TrakException>().With.Message.Contains("gone").And.Message.Contains("w, b"));
    }

    [Test]
    public void ATransposedWeightCountsByItsLayersName()
    {
        OnnxGraph graph = new(
            "g", 17, [new GraphValue("x", ElementType.Float32, [null, 2])], [new GraphValue("y", ElementType.Float32, null)],
            [new GraphNode("MatMul", "/fc/MatMul", ["x", "onnx::MatMul_7"], ["h"]),
                new GraphNode("Add", "/fc/Add", ["h", "fc.bias"], ["y"])],
            [new Initializer("onnx::MatMul_7", DataArray.From([1f, 2.5f, 3, 4], 2, 2)),
                new Initializer("fc.bias", DataArray.From([1f, 2], 2))]);
        Assert.That(Names(["fc.weight"]), Is.EqualTo(new[] { "onnx::MatMul_7" }));
        Assert.That(Names(["fc.bias"]), Is.EqualTo(new[] { "fc.bias" }));

        string[] Names(string[] list) => [.. TrainedParameters.Named(graph, list, "list").Graph.Parameters.Select(static p => p.Name)];
    }

    [Test]
    public void WhatTheExportDroppedIsPassedOver()
    {
        using OnnxModel model = new(Graph());
        model.Load(Checkpoint(("w", 1), ("b", 2), ("unused.weight", 5)));
        Assert.That(model.PassedOver, Is.EqualTo(new[] { "unused.weight" }));
        Assert.That(
            () => model.Load(Checkpoint(("w", 1), ("unused.weight", 5))),
            Throws.InstanceOf<CheckpointException>().With.Message.Contains("lacks b").And.Message.Contains("unused.weight"));
    }

    [Test]
    public void AMaskOfAnotherLengthOrTypeIsTheFilesOwn()
    {
        OnnxGraph graph = new ModelFile().Input("x", 2, 2).Output("y").Array("mask", [0, float.NegativeInfinity, 0, 0], 2, 2)
            .Array("w", [1.5f, 2], 2).Node("Mul", "x w", "a").Node("Add", "a mask", "y").Read();
        using OnnxModel model = new(graph);
        model.Load(new Checkpoint("a", new Dictionary<string, DataArray>
        {
            ["mask"] = DataArray.From([1L, 0, 0, 1, 1, 0, 1, 1, 1], 3, 3), ["w"] = DataArray.From([2f, 3], 2)
        }));
        Assert.That(model.PassedOver, Is.EqualTo(new[] { "mask" }));
        using ModelResult result = model.Forward(new Batch(("x", DataArray.From([1f, 1, 1, 1], 1, 2, 2))));
        Assert.That(result.First.ToArray(), Is.EqualTo(new[] { 2f, float.NegativeInfinity, 2, 3 }));
    }

    private static OnnxGraph Graph(string prefix = "") => new ModelFile().Input("x", 3).Output("y")
        .Array(prefix + "w", [1.5f, 2, 3], 3).Array(prefix + "b", [1.5f, 2, 4], 3)
        .Node("Mul", $"x {prefix}w", "a").Node("Add", $"a {prefix}b", "y").Read();

    private static OnnxGraph Found(params (string Name, float Moved)[] states)
    {
        using TrainedSearch search = new(Graph());
        foreach ((string name, float moved) in states) search.Add(Checkpoint((name, moved), (name == "w" ? "b" : "w", 0)));
        return search.Result();
    }

    private static Checkpoint Checkpoint(params (string Name, float Moved)[] arrays) => new("state", arrays.ToDictionary(
        static a => a.Name, static a => DataArray.From([a.Moved + 1.5f, a.Moved + 1.5f, a.Moved + 2], 3), StringComparer.Ordinal));
}
