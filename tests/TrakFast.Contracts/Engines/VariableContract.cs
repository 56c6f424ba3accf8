namespace TrakFast.Testing;

/// <summary>What every engine's variables promise. Each engine adds a sealed fixture.</summary>
public abstract class VariableContract
{
    private const float Near = 1e-6f;

    // Logits, label; f, Q, Q at temperature 2 and ∂f/∂g, worked out by hand.
    [TestCase("2,1,0", 0, 0.6867383f, 0.3347590f, 0.4935196f, "1,-0.7310586,-0.2689414")]
    [TestCase("2,1,0", 2, -2.3132617f, 0.9099694f, 0.8136763f, "-0.7310586,-0.2689414,1")]
    [TestCase("0,0,0", 1, -0.6931472f, 0.6666667f, 0.6666667f, "-0.5,1,-0.5")]
    [TestCase("1,-1", 0, 2f, 0.1192029f, 0.2689414f, "1,-1")]
    [TestCase("1000,0,-1000", 1, -1000f, 1f, 1f, "-1,1,0")]
    public void ClassificationByHand(string logits, int label, float f, float q, float warm, string gradient)
    {
        float[] values = Parse(logits);
        Variable leaf = Leaf(values, 1, values.Length);
        Batch batch = new(("label", DataArray.From([(long)label], 1)));
        using OneResult result = new(leaf);
        ImageClassification task = new();
        Variable output = task.GetOutput(result, batch);
        Assert.That(output.ToArray(), Is.EqualTo(new[] { f }).Within(Near * Math.Max(1, Math.Abs(f))));
        Assert.That(task.GetOutToLossGradient(result, batch).ToArray(), Is.EqualTo(new[] { q }).Within(Near));
        Assert.That(new ImageClassification(2).GetOutToLossGradient(result, batch).ToArray(), Is.EqualTo(new[] { warm }).Within(Near));
        Assert.That(output.GradientWith(leaf).ToArray(), Is.EqualTo(Parse(gradient)).Within(Near));
    }

    [Test]
    public void QComesFromALoss()
    {
        Variable f = Leaf([-1, 0, 2], 3);
        Assert.That(Logistic.Q(f).ToArray(), Is.EqualTo(new[] { 0.7310586f, 0.5f, 0.1192029f }).Within(Near));
    }

    [Test]
    public void AWhollyMaskedAxisGivesMinusInfinityAndNoGradient()
    {
        Variable x = Leaf([1, 2, 3, 4], 2, 2);
        Variable sum = x.MaskedFill(DataArray.From([true, true, false, true], 2, 2), float.NegativeInfinity).LogSumExp(1);
        Assert.That(sum.ToArray(), Is.EqualTo(new[] { float.NegativeInfinity, 3 }));
        Assert.That(sum.GradientWith(x).ToArray(), Is.EqualTo(new float[] { 0, 0, 1, 0 }));
    }

    [Test]
    public void LogSumExpLeavesOneOut()
    {
        Variable x = Leaf([1, 2, 3, float.PositiveInfinity, 0, 0], 2, 3);
        Variable y = x.LogSumExp(1, DataArray.From([2L, 0], 2, 1));
        Assert.That(y.ToArray(), Is.EqualTo(new[] { 2.3132617f, 0.6931472f }).Within(Near));
        Assert.That(y.GradientWith(x).ToArray(), Is.EqualTo(new[] { 0.2689414f, 0.7310586f, 0, 0, 0.5f, 0.5f }).Within(Near));
        Assert.That(Leaf([5], 1, 1).LogSumExp(1, DataArray.From([0L], 1, 1)).ToArray(), Is.EqualTo(new[] { float.NegativeInfinity }));
        Assert.That(
            () => x.LogSumExp(1, DataArray.From([0L, 0], 2)),
            Throws.InstanceOf<TrakException>().With.Message.Contains("[2]").And.Message.Contains("[2, 3]"));
        Assert.That(
            () => x.LogSumExp(0, DataArray.From([0L, 2, 0], 1, 3)), Throws.InstanceOf<TrakException>().With.Message.Contains("Position 2"));
    }

    private static readonly Dictionary<string, Func<Variable, Variable, Variable>> Operations = new()
    {
        ["Add"] = static (x, y) => x + y,
        ["Subtract"] = static (x, y) => x - y,
        ["Multiply"] = static (x, y) => x * y,
        ["Divide"] = static (x, y) => x / y,
        ["Numbers"] = static (x, _) => 2 - (((3 * x) + 1) / 4) + (1 / x),
        ["Negate"] = static (x, _) => -x,
        ["Exp"] = static (x, _) => x.Exp(),
        ["Log"] = static (x, _) => x.Log(),
        ["Sigmoid"] = static (x, _) => x.Sigmoid(),
        ["Tanh"] = static (x, _) => x.Tanh(),
        ["Sum"] = static (x, _) => x.Sum() * x.Sum(),
        ["Sum of an axis"] = static (x, y) => x.Sum(1) * y.Sum(-2, keepAxis: true).Reshape(2, -1),
        ["Mean"] = static (x, y) => x.Mean(0, keepAxis: true) * y,
        ["LogSumExp"] = static (x, _) => x.LogSumExp(1),
        ["LogSumExp of the others"] = static (x, y) => x.LogSumExp(1, DataArray.From([2L, 0, 1, 1, 0, 0, 2, 1], 2, 1, 4)) * y.Sum(1),
        ["Softmax"] = static (x, y) => x.Softmax(-1) * y,
        ["Gather"] = static (x, _) => x.Gather(1, DataArray.From([1L, 1, 0, 2, 2, 0], 2, 3, 1)) * 3,
        ["MaskedFill"] = static (x, _) => x.MaskedFill(DataArray.From([true, false, true, false], 4), 5) * x,
        ["Reshape"] = static (x, y) => x.Reshape(4, -1) * y.Reshape(4, 6),
        ["Transpose"] = static (x, y) => x.Transpose(0, 2) * y.Transpose(2, 0) * x.Transpose(0, -1),
        ["MatMul"] = static (x, y) => x.MatMul(y.Transpose(1, 2)),
        ["A value used twice"] = static (x, y) => (x * x * y) + x.Exp() + x,
    };

    private static IEnumerable<string> Names => Operations.Keys;

    [TestCaseSource(nameof(Names))]
    public void GradientsFollowDifferences(string name)
    {
        Random random = new(3);
        float[] a = [.. Enumerable.Range(0, 24).Select(_ => 0.5f + random.NextSingle())],
            b = [.. a.Select(_ => 0.5f + random.NextSingle())];
        Func<Variable, Variable, Variable> operation = Operations[name];
        Variable x = Leaf(a, 2, 3, 4), y = Leaf(b, 2, 3, 4);
        Variable result = operation(x, y);
        float[] gradientX = result.GradientWith(x).ToArray(), gradientY = result.GradientWith(y).ToArray();
        const float Step = 1e-2f;
        for (int i = 0; i < a.Length; i++)
        {
            Assert.That(
                gradientX[i], Is.EqualTo(Difference(a, b, i, first: true)).Within(5e-3 * Math.Max(1, Math.Abs(gradientX[i]))), $"x[{i}]");
            Assert.That(
                gradientY[i], Is.EqualTo(Difference(a, b, i, first: false)).Within(5e-3 * Math.Max(1, Math.Abs(gradientY[i]))), $"y[{i}]");
        }

        double Difference(float[] a, float[] b, int i, bool first)
        {
            return (Value(Step) - Value(-Step)) / (2 * Step);

            double Value(float step)
            {
                float[] p = [.. a], q = [.. b];
                (first ? p : q)[i] += step;
                return operation(Leaf(p, 2, 3, 4), Leaf(q, 2, 3, 4)).ToArray().Sum(static v => (double)v);
            }
        }
    }

    [Test]
    public void BroadcastingSumsBack()
    {
        Variable row = Leaf([1, 2, 3], 3), column = Leaf([10, 20], 2, 1), number = Leaf([2], []);
        Variable y = (row + column) * number;
        Assert.That(y.ToArray(), Is.EqualTo(new float[] { 22, 24, 26, 42, 44, 46 }));
        Assert.That(y.GradientWith(row).ToArray(), Is.EqualTo(new float[] { 4, 4, 4 }));
        Assert.That(y.GradientWith(column).ToArray(), Is.EqualTo(new float[] { 6, 6 }));
        Assert.That(y.GradientWith(number).ToArray(), Is.EqualTo(new float[] { 102 }));
    }

    [Test]
    public void DetachedValuesCarryNoGradient()
    {
        Variable x = Leaf([2, 3], 2);
        Assert.That((x * x.Detach()).GradientWith(x).ToArray(), Is.EqualTo(new float[] { 2, 3 }));
        Assert.That(x.Detach().GradientWith(x).ToArray(), Is.EqualTo(new float[] { 0, 0 }));
    }

    [Test]
    public void WrongShapesAreRefused()
    {
        Variable x = Leaf(new float[6], 2, 3), y = Leaf(new float[4], 2, 2);
        Assert.That(() => x + y, Throws.InstanceOf<TrakException>().With.Message.Contains("[2, 3]").And.Message.Contains("[2, 2]"));
        Assert.That(() => x.MatMul(y), Throws.InstanceOf<TrakException>());
        Assert.That(() => x.Reshape(4, -1), Throws.InstanceOf<TrakException>());
        Assert.That(() => x.Gather(1, DataArray.From([3L, 0], 2, 1)), Throws.InstanceOf<TrakException>().With.Message.Contains("3"));
    }

    /// <summary>A variable whose gradient can be asked for.</summary>
    protected abstract Variable Leaf(float[] values, params long[] shape);

    private static float[] Parse(string numbers) =>
        [.. numbers.Split(',').Select(static n => float.Parse(n, System.Globalization.CultureInfo.InvariantCulture))];

    private sealed class OneResult(Variable logits) : ModelResult
    {
        public override IReadOnlyList<string> Names => ["logits"];

        public override Variable this[string name] => logits;

        protected override void Dispose(bool disposing)
        {
            // The variable is the test's.
        }
    }

    /// <summary>A task without a closed form for Q.</summary>
    private sealed class Logistic : ModelOutput
    {
        public static Variable Q(Variable f) => FromLoss(f, static x => (1 + (-x).Exp()).Log());

        public override Variable GetOutput(ModelResult result, Batch batch) => result.First;

        public override Variable GetOutToLossGradient(ModelResult result, Batch batch) => Q(result.First);
    }
}
