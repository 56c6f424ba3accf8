namespace TrakFast.Tests.Checkpoints;

/// <summary>The smallest change of names with which everything fits is taken, never averaged weights while others fit.</summary>
public sealed class NameTests
{
    private static readonly string[] _wanted = ["a.weight", "a.bias", "b.0.weight"];

    [TestCase("", "")]
    [TestCase("module.", "names are taken without 'module.'")]
    [TestCase("model.module._orig_mod.", "names are taken without 'model.module._orig_mod.'")]
    [TestCase("anything.", "names are taken without 'anything.'")]
    public void WhatIsInFrontIsTakenAway(string prefix, string note)
    {
        Checkpoint fitted = CheckpointNames.Fit(Named([.. _wanted.Select(n => prefix + n)]), Wanted(_wanted));
        Assert.That(fitted.Tensors.Keys, Is.EqualTo(_wanted));
        Assert.That(string.Join(' ', fitted.Notes), Is.EqualTo(note));
    }

    [TestCase("model.", "", "names are taken with 'model.' before them")]
    [TestCase("model.", "module.", "names are taken with 'model.' in place of 'module.'")]
    [TestCase("wrapper.inner.", "wrapper.", "names are taken with 'inner.' in place of ''")]
    public void WhatTheModelHasInFrontIsPutThere(string wanted, string held, string note)
    {
        string[] names = [.. _wanted.Select(n => wanted + n)];
        Checkpoint fitted = CheckpointNames.Fit(Named([.. _wanted.Select(n => held + n)]), Wanted(names));
        Assert.That(fitted.Tensors.Keys, Is.EqualTo(names));
        if (!note.EndsWith("''", StringComparison.Ordinal)) Assert.That(fitted.Notes, Is.EqualTo(new[] { note }));
    }

    [Test]
    public void AveragedWeightsAreNotTakenWhileOthersFit()
    {
        string[] names = [.. _wanted.Select(static n => "ema." + n), .. _wanted.Select(static n => "network." + n)];
        Checkpoint fitted = CheckpointNames.Fit(Named(names), Wanted(_wanted));
        Assert.Multiple(() =>
        {
            Assert.That(fitted.Tensors["a.bias"].ToFloats()[0], Is.EqualTo(4));
            Assert.That(fitted.Notes, Is.EqualTo(new[]
            {
                "names are taken without 'network.'", "it holds averaged weights (EMA) too, as 'ema.'",
            }));
        });
    }

    [Test]
    public void AveragedWeightsAreNotTakenForHoldingMore()
    {
        string[] names = [.. _wanted[..2].Select(static n => "net." + n), .. _wanted.Select(static n => "ema." + n)];
        Checkpoint fitted = CheckpointNames.Fit(Named(names), Wanted(_wanted));
        Assert.That(fitted.Tensors["a.bias"].ToFloats()[0], Is.EqualTo(1));
        Assert.That(fitted.Notes[0], Is.EqualTo("names are taken without 'net.'"));
    }

    [Test]
    public void NamesOfAnotherModelStayAsTheyAre()
    {
        string[] names = ["x.a.weight", "x.c.weight", "x.d.weight", "x.e.weight", "x.f.weight"];
        string[] wanted = ["a.weight", "g.weight", "h.weight", "i.weight"];
        Assert.That(CheckpointNames.Fit(Named(names), Wanted(wanted)).Tensors.Keys, Is.EqualTo(names));
    }

    [Test]
    public void TwoThatFitAlikeAreRefused()
    {
        string[] names = [.. _wanted.Select(static n => "student." + n), .. _wanted.Select(static n => "teacher." + n)];
        Assert.That(
            () => CheckpointNames.Fit(Named(names), Wanted(_wanted)),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("fit both as 'student.' and as 'teacher.'; choose with --weights-key"));
    }

    [Test]
    public void NamesThatFitStayEvenBesideOthers()
    {
        Checkpoint fitted = CheckpointNames.Fit(Named([.. _wanted, .. _wanted.Select(static n => "model." + n)]), Wanted(_wanted));
        Assert.That(fitted.Tensors, Has.Count.EqualTo(6));
        Assert.That(fitted.Notes, Is.Empty);
    }

    [Test]
    public void AnAdaptersFileHasTheModelsNamesWithoutTheAdapters()
    {
        string[] wanted =
        [
            "base_model.model.q.lora_A.default.weight", "base_model.model.q.lora_B.default.weight",
            "base_model.model.head.modules_to_save.default.weight",
        ];
        Checkpoint fitted = CheckpointNames.Fit(
            Named("base_model.model.q.lora_A.weight", "base_model.model.q.lora_B.weight", "base_model.model.head.weight"), Wanted(wanted));
        Assert.That(fitted.Tensors.Keys, Is.EqualTo(wanted));
        fitted = CheckpointNames.Fit(Named("q.lora_A.weight", "q.lora_B.weight", "head.weight"), Wanted(wanted));
        Assert.That(fitted.Tensors.Keys, Is.EqualTo(wanted));
    }

    [Test]
    public void NumbersInNamesAreOrderedBySize()
    {
        string[] names = ["epoch-10.pt", "epoch-2.pt", "epoch-2b.pt", "epoch-02.pt", "epoch.pt", "a1b10", "a1b9", "a01b9"];
        Assert.That(
            names.Order(NaturalOrder.Instance),
            Is.EqualTo(new[] { "a01b9", "a1b9", "a1b10", "epoch-02.pt", "epoch-2.pt", "epoch-2b.pt", "epoch-10.pt", "epoch.pt" }));
    }

    // An array's only number is its position, and all have one shape but for what is called bias.
    private static Checkpoint Named(params string[] names) => new(
        "x.pt", new OrderedDictionary<string, DataArray>(names.Select(static (name, i) => KeyValuePair.Create(
            name, name.EndsWith("bias", StringComparison.Ordinal) ? DataArray.From([i], 1) : DataArray.From([i], 1, 1)))));

    private static Dictionary<string, IReadOnlyList<long>> Wanted(params string[] names) => names.ToDictionary(
        static n => n, static n => (IReadOnlyList<long>)(n.EndsWith("bias", StringComparison.Ordinal) ? [1] : [1, 1]));
}
