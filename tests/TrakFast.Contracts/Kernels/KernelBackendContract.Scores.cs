using TrakFast.Kernels;

namespace TrakFast.Testing;

// Gram matrices and scores.
public abstract unsafe partial class KernelBackendContract<TSizes>
    where TSizes : struct, IContractSizes
{
    [TestCase(1, 1)]
    [TestCase(3, 5)]
    [TestCase(700, 33)]
    [TestCase(1030, 300)]
    public void GramMatchesTheReference(int rows, int k)
    {
        (rows, k) = (Math.Min(rows, Size(rows, 530)), Math.Min(k, Size(k, 70)));
        float[] features = TestData.Floats((long)rows * k, 1), scale = TestData.Floats(rows, 2);
        foreach (bool scaled in (ReadOnlySpan<bool>)[false, true])
        {
            using SymmetricMatrix expected = new(k), actual = Gram(features, rows, k, scaled ? scale : [], 2);
            fixed (float* f = features, s = scale) ReferenceLinearAlgebra.Gram(f, rows, k, scaled ? s : null, expected);
            double largest = Enumerable.Range(0, k).Max(i => expected.Row(i)[i]);
            for (int i = 0; i < k; i++)
            {
                for (int j = 0; j < k; j++)
                    Assert.That(actual.Row(i)[j], Is.EqualTo(expected.Row(i)[j]).Within(1e-6 * largest), $"({i}, {j})");
            }
        }
    }

    [Test]
    public void GramDoesNotDependOnThreads()
    {
        (int rows, int k) = (Size(900, 20), Size(520, 70));
        float[] features = TestData.Floats((long)rows * k, 1);
        using SymmetricMatrix one = Gram(features, rows, k, [], 1), four = Gram(features, rows, k, [], 4);
        for (int i = 0; i < k; i++) Assert.That(one.Row(i).SequenceEqual(four.Row(i)), $"row {i}");
    }

    [Test]
    public void GramOfManyRowsLosesNothing()
    {
        // A float32 sum stops growing at 2²⁴ ones: 40 million rows of 1 come out exact only if the carry is wider.
        const int Full = 1 << 16, Times = 640;
        RequireSpeed();
        float[] ones = new float[Full];
        Array.Fill(ones, 1f);
        using IKernelBackend backend = Create(2);
        using Uploads uploads = new(backend);
        using IGramAccumulator gram = backend.CreateGram(1);
        MemoryView view = uploads.Upload(ones);
        for (int i = 0; i < Times; i++) gram.Add(view, Full, view.Slice(0, 0));
        using SymmetricMatrix sum = gram.ToMatrix();
        Assert.That(sum.Row(0)[0], Is.EqualTo((double)Full * Times));
    }

    [TestCase(1, 1, 1)]
    [TestCase(37, 9, 20)]
    [TestCase(900, 3000, 8)]
    public void ScoreTilesMatchTheReferenceInAscendingOrder(int rows, int targets, int k)
    {
        (rows, targets) = (Math.Min(rows, Size(rows, 150)), Math.Min(targets, Size(targets, 70)));
        float[] train0 = TestData.Floats((long)rows * k, 1),
            train1 = TestData.Floats((long)rows * 2 * k, 2),
            scale = TestData.Floats(rows, 5);
        float[] target0 = TestData.Floats((long)targets * k, 3), target1 = TestData.Floats((long)targets * 2 * k, 4);
        using IKernelBackend backend = Create(2);
        using Uploads uploads = new(backend);
        float[] scores = new float[rows * targets];
        long next = 100;
        backend.Score(
            [uploads.Upload(train0), uploads.Upload(train1)],
            [uploads.Upload(target0), uploads.Upload(target1)],
            uploads.Upload(scale),
            100,
            new TileSink(targets, (firstRow, tile) =>
            {
                Assert.That(firstRow, Is.EqualTo(next));
                tile.CopyTo(scores.AsSpan((int)(firstRow - 100) * targets));
                next += tile.Length / targets;
            }));
        Assert.That(next, Is.EqualTo(100 + rows));
        double[] expected = new double[rows * targets];
        fixed (float* a0 = train0, a1 = train1, b0 = target0, b1 = target1)
        fixed (double* e = expected)
        {
            ReferenceLinearAlgebra.Multiply(false, true, rows, targets, k, a0, k, b0, k, e, targets, false);
            ReferenceLinearAlgebra.Multiply(false, true, rows, targets, 2 * k, a1, 2 * k, b1, 2 * k, e, targets, true);
        }

        for (int i = 0; i < expected.Length; i++) expected[i] *= scale[i / targets];
        Assert.That(TestData.Error(scores, expected), Is.LessThan(2e-6));
    }

    [Test]
    public void TopSinkKeepsWhatASortedMapWould()
    {
        const int Rows = 500, Targets = 21, K = 6, Kept = 7;
        float[] train = TestData.Floats(Rows * K, 1), targets = TestData.Floats(Targets * K, 2), scale = TestData.Floats(Rows, 3);
        using IKernelBackend backend = Create(2);
        using Uploads uploads = new(backend);
        MemoryView a = uploads.Upload(train), b = uploads.Upload(targets), s = uploads.Upload(scale);
        TopSink top = new(Targets, Kept);
        float[] scores = new float[Rows * Targets];
        backend.Score([a], [b], s, 0, top);
        backend.Score([a], [b], s, 0, new TileSink(Targets, (firstRow, tile) => tile.CopyTo(scores.AsSpan((int)firstRow * Targets))));
        for (int j = 0; j < Targets; j++)
        {
            TrainScore[] sorted =
                [.. Enumerable.Range(0, Rows).Select(i => new TrainScore(i, scores[(i * Targets) + j])).OrderByDescending(e => e.Score)];
            Assert.That(top.Highest(j).ToArray(), Is.EqualTo(sorted[..Kept]));
            Assert.That(top.Lowest(j).ToArray(), Is.EqualTo(sorted[^Kept..].Reverse()));
        }
    }

    private SymmetricMatrix Gram(float[] features, int rows, int k, float[] scale, int threads)
    {
        using IKernelBackend backend = Create(threads);
        using Uploads uploads = new(backend);
        using IGramAccumulator gram = backend.CreateGram(k);
        MemoryView x = uploads.Upload(features), s = uploads.Upload(scale);
        int cut = rows / 3;
        gram.Add(x.Slice(0, (long)cut * k), cut, scale.Length == 0 ? s : s.Slice(0, cut));
        gram.Add(x.Slice((long)cut * k, (long)(rows - cut) * k), rows - cut, scale.Length == 0 ? s : s.Slice(cut, rows - cut));
        return gram.ToMatrix();
    }
}
