namespace TrakFast.Onnx.Tests;

internal sealed class RowExponentTests
{
    [Test]
    public void SumsAndGradientsOfAnyLengthAreTheLoops([Range(1, 40)] int length)
    {
        Random random = new(length);
        float[] values = [.. Enumerable.Range(0, 3 * length).Select(_ => (40 * random.NextSingle()) - 20)];
        values[length] = float.NegativeInfinity;
        long[] without = [0, length / 2, length - 1];
        HostVariable x = HostVariable.Leaf(new HostArrays(), values, [3, length]);
        Variable all = x.LogSumExp(1), others = x.LogSumExp(1, DataArray.From(without, 3, 1));
        float[] gradient = others.GradientWith(x).ToArray();
        for (int row = 0; row < 3; row++)
        {
            double sum = 0;
            for (int j = 0; j < length; j++) sum += j == without[row] ? 0 : Math.Exp(values[(row * length) + j]);
            double own = Math.Exp(values[(row * length) + without[row]]);
            Assert.That(
                others.ToArray()[row], Is.EqualTo((float)Math.Log(sum)).Within(2e-6f * Math.Max(1, Math.Abs((float)Math.Log(sum)))));
            Assert.That(
                all.ToArray()[row],
                Is.EqualTo((float)Math.Log(sum + own)).Within(2e-6f * Math.Max(1, Math.Abs((float)Math.Log(sum + own)))));
            for (int j = 0; j < length; j++)
            {
                double expected = j == without[row] || sum == 0 ? 0 : Math.Exp(values[(row * length) + j]) / sum;
                Assert.That(
                    gradient[(row * length) + j], Is.EqualTo(expected).Within(4e-6 * Math.Max(expected, 1e-6)),
                    $"row {row}, element {j} of {length}");
            }
        }
    }

    [Test]
    public void ARowComesOutTheSameWhereverItLies()
    {
        Random random = new(1);
        float[] row = [.. Enumerable.Range(0, 1003).Select(_ => random.NextSingle() * 10)];
        float[] two = [.. row.Reverse(), .. row];
        Assert.That(
            HostVariable.Leaf(new HostArrays(), two, [2, 1003]).LogSumExp(1).ToArray()[1],
            Is.EqualTo(HostVariable.Leaf(new HostArrays(), row, [1, 1003]).LogSumExp(1).ToArray()[0]));
    }
}
