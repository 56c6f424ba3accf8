using MathNet.Numerics.LinearAlgebra;

namespace TrakFast.Kernels.Tests;

internal sealed unsafe class CholeskyTests
{
    [Test]
    public void FactorAndSolutionsMatchMathNet([Values(1, 2, 5, 63, 64, 65, 130, 400)] int order, [Values(1, 3)] int threads)
    {
        Workers workers = new(threads);
        using SymmetricMatrix a = PositiveDefinite(order);
        Matrix<double> dense = Dense(a);
        MathNet.Numerics.LinearAlgebra.Factorization.Cholesky<double> expected = dense.Cholesky();
        Assert.That(Cholesky.TryFactor(workers, a, out int pivot), Is.True);
        Assert.That(pivot, Is.EqualTo(-1));
        for (int i = 0; i < order; i++)
        {
            for (int j = 0; j <= i; j++) Assert.That(a.Row(i)[j], Is.EqualTo(expected.Factor[i, j]).Within(1e-10));
        }

        const int Rows = 7;
        double[] b = [.. TestData.Floats(order * Rows, 2)];
        Matrix<double> x = expected.Solve(Matrix<double>.Build.Dense(order, Rows, [.. b]));
        fixed (double* p = b) Cholesky.SolveRows(workers, a, p, Rows);
        for (int i = 0; i < order * Rows; i++) Assert.That(b[i], Is.EqualTo(x[i % order, i / order]).Within(1e-9));

        using SymmetricMatrix inverse = Cholesky.Inverse(workers, a);
        Assert.That((Dense(inverse) * dense).Subtract(Matrix<double>.Build.DenseIdentity(order)).InfinityNorm(), Is.LessThan(1e-9));
    }

    [Test]
    public void ThreadsDoNotChangeTheFactor()
    {
        using SymmetricMatrix one = PositiveDefinite(700), four = PositiveDefinite(700);
        Cholesky.TryFactor(Workers.Single, one, out _);
        Cholesky.TryFactor(new Workers(4), four, out _);
        for (int i = 0; i < 700; i++) Assert.That(one.Row(i)[..(i + 1)].SequenceEqual(four.Row(i)[..(i + 1)]), $"row {i}");
    }

    [TestCase(30, 700)]
    [TestCase(200, 5)]
    [TestCase(130, 64)]
    public void ManyRowsAreSolvedAndThreadsDoNotChangeThem(int order, int count)
    {
        using SymmetricMatrix factor = PositiveDefinite(order);
        double[] rows = [.. TestData.Floats(order * count, 4)], many = [.. rows];
        Matrix<double> expected = Dense(factor).Cholesky().Solve(Matrix<double>.Build.Dense(order, count, [.. rows]));
        Cholesky.TryFactor(Workers.Single, factor, out _);
        fixed (double* r = rows, m = many)
        {
            Cholesky.SolveRows(Workers.Single, factor, r, count);
            Cholesky.SolveRows(new Workers(3), factor, m, count);
        }

        Assert.That(many, Is.EqualTo(rows));
        for (int i = 0; i < rows.Length; i++) Assert.That(rows[i], Is.EqualTo(expected[i % order, i / order]).Within(1e-9));
    }

    [Test]
    public void MatchesTheReferenceOnAHandComputedMatrix()
    {
        // A = L·Lᵀ for L = [[2, 0, 0], [6, 1, 0], [−8, 5, 3]].
        using SymmetricMatrix a = From(new double[,] { { 4, 12, -16 }, { 12, 37, -43 }, { -16, -43, 98 } });
        using SymmetricMatrix b = From(new double[,] { { 4, 12, -16 }, { 12, 37, -43 }, { -16, -43, 98 } });
        Assert.That(Cholesky.TryFactor(Workers.Single, a, out _), Is.True);
        Assert.That(ReferenceLinearAlgebra.Cholesky(b), Is.EqualTo(-1));
        foreach (SymmetricMatrix l in (ReadOnlySpan<SymmetricMatrix>)[a, b])
            Assert.That(
                new[] { l.Row(0)[0], l.Row(1)[0], l.Row(1)[1], l.Row(2)[0], l.Row(2)[1], l.Row(2)[2] },
                Is.EqualTo(new double[] { 2, 6, 1, -8, 5, 3 }));
    }

    [TestCase(0, -1)]
    [TestCase(0, 0)]
    [TestCase(70, -3)]
    [TestCase(99, double.NaN)]
    [TestCase(64, double.PositiveInfinity)]
    public void ABadPivotIsReported(int row, double value)
    {
        using SymmetricMatrix a = new(100);
        for (int i = 0; i < 100; i++) a.Row(i)[i] = i == row ? value : 2;
        Assert.That(Cholesky.TryFactor(new Workers(2), a, out int pivot), Is.False);
        Assert.That(pivot, Is.EqualTo(row));
    }

    private static SymmetricMatrix PositiveDefinite(int order)
    {
        // MᵀM / rows + I / 10, with as many rows as columns.
        Matrix<double> m = Matrix<double>.Build.Dense(order, order, [.. TestData.Floats((long)order * order, 1)]);
        Matrix<double> product = m.TransposeThisAndMultiply(m) / order;
        SymmetricMatrix a = new(order);
        for (int i = 0; i < order; i++)
        {
            for (int j = 0; j < order; j++) a.Row(i)[j] = product[Math.Max(i, j), Math.Min(i, j)] + (i == j ? 0.1 : 0);
        }

        return a;
    }

    private static SymmetricMatrix From(double[,] values)
    {
        SymmetricMatrix a = new(values.GetLength(0));
        for (int i = 0; i < a.Order; i++)
        {
            for (int j = 0; j < a.Order; j++) a.Row(i)[j] = values[i, j];
        }

        return a;
    }

    private static Matrix<double> Dense(SymmetricMatrix a) => Matrix<double>.Build.Dense(a.Order, a.Order, (i, j) => a.Row(i)[j]);
}
