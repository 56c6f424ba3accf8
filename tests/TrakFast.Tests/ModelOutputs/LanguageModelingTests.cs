using TrakFast.Tests.Support;

namespace TrakFast.Tests.ModelOutputs;

/// <summary>Language modeling against the plainest loop, with padding on either side and tokens that are not predicted.</summary>
public sealed class LanguageModelingTests
{
    private const int B = 4, T = 6, V = 5;

    [Test]
    public void OutputsQAndLossAreTheLoops(
        [Values(false, true)] bool withLabels, [Values(false, true)] bool withMask, [Values(1f, 2.5f)] float temperature)
    {
        Random random = new(4);
        float[] logits = [.. Enumerable.Range(0, B * T * V).Select(_ => 8 * (random.NextSingle() - 0.5f))];
        Batch batch = Texts(random, withLabels, withMask);
        LanguageModeling task = new(temperature);
        using HandResult result = new(("logits", DataArray.From(logits, B, T, V)));
        (double[] f, double[] q, double[] loss) = Loop(logits, batch, temperature);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(task.GetOutput(result, batch).ToArray(), Is.EqualTo(f).Within(1e-5));
            Assert.That(task.GetOutToLossGradient(result, batch).ToArray(), Is.EqualTo(q).Within(1e-6));
            Assert.That(task.GetLoss(result, batch).ToArray(), Is.EqualTo(loss).Within(1e-5));
        }
    }

    [Test]
    public void PaddingOnTheLeftCountsAsPaddingOnTheRight()
    {
        Random random = new(1);
        float[] text = [.. Enumerable.Range(0, 4 * V).Select(_ => random.NextSingle())],
            padding = [.. Enumerable.Range(0, 2 * V).Select(_ => random.NextSingle())];
        using HandResult result = new(("logits", DataArray.From([.. text, .. padding, .. padding, .. text], 2, T, V)));
        Batch batch = new(
            ("input_ids", DataArray.From([1L, 2, 3, 4, 0, 0, 0, 0, 1, 2, 3, 4], 2, T)),
            ("attention_mask", DataArray.From([1L, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1], 2, T)));
        float[] f = new LanguageModeling().GetOutput(result, batch).ToArray();
        Assert.That(f[0], Is.EqualTo(f[1]).And.Not.Zero);
    }

    [Test]
    public void NothingFlowsToPositionsThatPredictNothing()
    {
        // Not even from logits that are not numbers, as fully masked attention leaves them.
        float[] logits = [.. Enumerable.Range(0, T * V).Select(static i => i >= 3 * V ? float.NaN : i % 3)];
        using HandResult result = new(("logits", DataArray.From(logits, 1, T, V)));
        Batch batch = new(
            ("input_ids", DataArray.From([1L, 2, 3, 4, 0, 0], 1, T)), ("attention_mask", DataArray.From([1L, 1, 1, 1, 0, 0], 1, T)));
        Variable f = new LanguageModeling().GetOutput(result, batch);
        float[] gradient = f.GradientWith(result["logits"]).ToArray();
        Assert.That(f.ToArray().All(float.IsFinite), Is.True);
        Assert.That(gradient[(3 * V)..], Is.All.Zero);
        Assert.That(gradient[2], Is.EqualTo(1), "∂f/∂ the logit of the right token");
    }

    [Test]
    public void ExtremeLogitsStayFinite()
    {
        float[] logits = [.. Enumerable.Range(0, T * V).Select(static i => i % 2 == 0 ? 1e4f : -1e4f)];
        using HandResult result = new(("logits", DataArray.From(logits, 1, T, V)));
        Batch batch = new(("input_ids", DataArray.From([0L, 1, 2, 3, 4, 0], 1, T)));
        LanguageModeling task = new();
        Variable f = task.GetOutput(result, batch);
        Assert.That(float.IsFinite(f.ToArray()[0]) && f.GradientWith(result["logits"]).ToArray().All(float.IsFinite));
        Assert.That(task.GetOutToLossGradient(result, batch).ToArray()[0], Is.InRange(0f, 1f));
    }

    [Test]
    public void WhatCannotBePredictedIsNamed()
    {
        using HandResult result = new(("logits", DataArray.From(new float[2 * T * V], 2, T, V)));
        Fails("'labels' or 'input_ids'; the batch has text", new Batch(("text", DataArray.From(new long[2], 2))));
        Fails("'input_ids' is Int64 [2, 3]", new Batch(("input_ids", DataArray.From(new long[6], 2, 3))));
        Fails("'labels' is Float32", new Batch(("labels", DataArray.From(new float[2 * T], 2, T))));
        long[] ids = [1, 1, 1, 1, 1, 1, 1, 1, 5, 1, 1, 1];
        Fails("'input_ids' holds 5 (example 1, position 2); the model has 5 tokens", new Batch(("input_ids", DataArray.From(ids, 2, T))));
        Fails(
            "Example 1 has no token to predict",
            new Batch(("labels", DataArray.From([1L, 1, 1, 1, 1, 1, 3, -100, -100, -100, -100, -100], 2, T))));
        using HandResult flat = new(("logits", DataArray.From(new float[2 * V], 2, V)));
        Assert.That(
            () => new LanguageModeling().GetOutput(flat, Texts(new Random(1), false, false)),
            Throws.InstanceOf<TrakException>().With.Message.Contains("[B, T, V]").And.Message.Contains("[2, 5]"));
        Assert.That(
            () => new LanguageModeling().Check(result, new Batch(("input_ids", DataArray.From(ids, 2, T))), first: 40),
            Throws.InstanceOf<TrakException>().With.Message.Contains("example 41"));

        void Fails(string part, Batch batch) =>
            Assert.That(
                () => new LanguageModeling().GetOutput(result, batch), Throws.InstanceOf<TrakException>().With.Message.Contains(part));
    }

    private static Batch Texts(Random random, bool withLabels, bool withMask)
    {
        long[] ids = [.. Enumerable.Range(0, B * T).Select(_ => (long)random.Next(V))];
        List<(string, DataArray)> arrays = [("input_ids", DataArray.From(ids, B, T))];
        if (withLabels) arrays.Add(("labels", DataArray.From([.. ids.Select((id, i) => i % 5 == 3 ? -100 : (id + 1) % V)], B, T)));
        if (withMask)
            arrays.Add(("attention_mask", DataArray.From([1L, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1, 0, 0], B, T)));
        return new Batch([.. arrays]);
    }

    private static (double[] F, double[] Q, double[] Loss) Loop(float[] logits, Batch batch, double temperature)
    {
        long[] labels = (batch.TryGet("labels", out DataArray? given) ? given : batch["input_ids"]).ToLongs();
        long[] mask = batch.TryGet("attention_mask", out DataArray? attention) ? attention.ToLongs() : [.. Enumerable.Repeat(1L, B * T)];
        double[] f = new double[B], q = new double[B], loss = new double[B];
        for (int b = 0; b < B; b++)
        {
            int count = 0;
            for (int t = 0; t + 1 < T; t++)
            {
                long y = labels[(b * T) + t + 1];
                if (y == -100 || mask[(b * T) + t] == 0 || mask[(b * T) + t + 1] == 0) continue;
                count++;
                double right = 0, others = 0, cool = 0, coolOthers = 0;
                for (int v = 0; v < V; v++)
                {
                    double g = logits[(((b * T) + t) * V) + v];
                    if (v == y) (right, cool) = (Math.Exp(g), Math.Exp(g / temperature));
                    else (others, coolOthers) = (others + Math.Exp(g), coolOthers + Math.Exp(g / temperature));
                }

                f[b] += Math.Log(right / others);
                q[b] += coolOthers / (cool + coolOthers);
                loss[b] -= Math.Log(right / (right + others));
            }

            (q[b], loss[b]) = (q[b] / count, loss[b] / count);
        }

        return (f, q, loss);
    }
}
