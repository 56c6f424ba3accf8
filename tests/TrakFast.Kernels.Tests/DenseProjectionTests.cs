namespace TrakFast.Kernels.Tests;

/// <summary>
/// Dense random matrices on the CPU: every way through the kernels against the definition of the entries,
/// and against each other bit by bit.
/// </summary>
internal sealed unsafe class DenseProjectionTests
{
    [Test]
    public void EveryLengthAndBatchMatchesTheEntries(
        [Values(ProjectionKind.Rademacher, ProjectionKind.Gaussian)] ProjectionKind kind,
        [Values(1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 32, 33, 255, 257, 383, 384, 385, 801)] int length,
        [Values(1, 127, 128, 300)] int k)
    {
        double tolerance = kind == ProjectionKind.Gaussian ? 5e-6 : 1e-6;
        foreach (int batch in (ReadOnlySpan<int>)[1, 2, 3, 4, 7, 8, 9])
        {
            float[] gradients = TestData.Floats((long)batch * length, 3);
            float[] features = Project(new Projection(kind, k, 7, 3), gradients, batch, length, 1 + (batch % 2));
            double[] expected = Expected(kind, gradients, batch, length, k);
            Assert.That(RelativeError(features, expected), Is.LessThan(tolerance), $"B = {batch}");
        }
    }

    [Test]
    public void AnExamplesBitsAreThoseItHasAlone(
        [Values(ProjectionKind.Rademacher, ProjectionKind.Gaussian)] ProjectionKind kind, [Values(1, 12, 777)] int length)
    {
        const int K = 520, All = 65;
        Projection projection = new(kind, K, 7, 3);
        float[] gradients = TestData.Floats((long)All * length, 3), alone = new float[All * K];
        for (int e = 0; e < All; e++) Project(projection, gradients[(e * length)..((e + 1) * length)], 1, length, 1).CopyTo(alone, e * K);
        foreach (int batch in (ReadOnlySpan<int>)[2, 3, 4, 5, 6, 7, 8, 9, 63, 64, 65])
        {
            foreach (int threads in (ReadOnlySpan<int>)[1, 2, 5, 16])
            {
                float[] features = Project(projection, gradients[..(batch * length)], batch, length, threads);
                TestData.AssertSameBits(features, alone.AsSpan(0, batch * K), $"{batch} examples, {threads} threads");
            }
        }
    }

    [Test]
    public void LargeBlocksHaveTheSameBitsOnManyThreads(
        [Values(ProjectionKind.Rademacher, ProjectionKind.Gaussian)] ProjectionKind kind, [Values(3, 20)] int batch)
    {
        // Long enough for several stages, in parts of columns and of examples.
        BlockCase block = BlockCase.Outer(2, 300, 300, 300, 0);
        float[] one = Project(block, 1), many = Project(block, 6);
        TestData.AssertSameBits(many, one, "threads");

        float[] Project(BlockCase block, int threads)
        {
            using CpuBackend backend = new(new Workers(threads));
            using Uploads uploads = new(backend);
            MemoryView features = uploads.Upload(new float[batch * 384]);
            backend.Project(new Projection(kind, 384, 1, 2), block.Build(uploads, [.. Enumerable.Range(0, batch)]), features);
            return uploads.Download(features);
        }
    }

    [Test]
    public void ErrorsOfLongSumsStaySmall([Values(1, 5)] int batch)
    {
        const int Length = 200_000, K = 128;
        float[] gradients = TestData.Floats((long)batch * Length, 5);
        float[] features = Project(new Projection(ProjectionKind.Rademacher, K, 7, 3), gradients, batch, Length, 2);
        Assert.That(RelativeError(features, Expected(ProjectionKind.Rademacher, gradients, batch, Length, K)), Is.LessThan(1e-6));
    }

    [TestCase(700, 1)]
    [TestCase(700, 30)]
    [TestCase(700, 100_000)]
    public void RowsThatRepeatAndFillManyStagesAreSummed(int positions, int table)
    {
        const int Length = 1100, K = 30, Batch = 5;
        long[] ids = TestData.Longs(Batch * positions, table, 4);
        float[] values = TestData.Floats((long)ids.Length * Length, 6);
        Projection projection = new(ProjectionKind.Rademacher, K, 7, 3);
        float[] together = Rows(0, Batch, 2);
        for (int e = 0; e < Batch; e++) TestData.AssertSameBits(Rows(e, 1, 1), together.AsSpan(e * K, K), $"example {e}");

        double[] expected = new double[Batch * K];
        for (int row = 0; row < ids.Length; row++)
        {
            for (int i = 0; i < Length; i++)
            {
                (uint word, _, _, _) = Philox.Block(
                    (uint)((ids[row] * Length) + i), (uint)(((ids[row] * Length) + i) >> 32), 0, RandomEntries.RademacherStream, 7, 3);
                for (int j = 0; j < K; j++)
                    expected[(row / positions * K) + j] += ((word >> j) & 1) == 0
                        ? values[((long)row * Length) + i]
                        : -values[((long)row * Length) + i];
            }
        }

        Assert.That(RelativeError(together, expected), Is.LessThan(2e-6));

        float[] Rows(int first, int count, int threads)
        {
            using CpuBackend backend = new(new Workers(threads));
            float[] features = new float[count * K];
            fixed (long* i = ids)
            fixed (float* v = values, f = features)
            {
                RowsBlock block = new(
                    count, 0, Length, positions, MemoryView.Of(i + ((long)first * positions), (long)count * positions),
                    MemoryView.Of(v + ((long)first * positions * Length), (long)count * positions * Length));
                backend.Project(projection, block, MemoryView.Of(f, features.Length));
            }

            return features;
        }
    }

    [Test]
    public void ACallAllocatesAsMuchForLargeBlocksAsForSmallOnes(
        [Values(ProjectionKind.Rademacher, ProjectionKind.Gaussian)] ProjectionKind kind)
    {
        using CpuBackend backend = new(Workers.Single);
        using Uploads uploads = new(backend);
        long small = Bytes(BlockCase.Outer(1, 10, 100, 100, 0), 2, 128), large = Bytes(BlockCase.Outer(1, 400, 400, 400, 0), 12, 512);
        long fewRows = Bytes(BlockCase.Rows(2, 16, 5, 0), 2, 128), manyRows = Bytes(BlockCase.Rows(900, 700, 5000, 0), 12, 512);
        Assert.That(large, Is.LessThan(small + 1024));
        Assert.That(manyRows, Is.LessThan(fewRows + 1024));

        long Bytes(BlockCase block, int batch, int k)
        {
            GradientBlock built = block.Build(uploads, [.. Enumerable.Range(0, batch)]);
            MemoryView features = uploads.Upload(new float[batch * k]);
            long least = long.MaxValue;
            for (int i = 0; i < 4; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                backend.Project(new Projection(kind, k, 1, 2), built, features);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            return least;
        }
    }

    private static float[] Project(Projection projection, float[] gradients, int batch, int length, int threads)
    {
        using CpuBackend backend = new(new Workers(threads));
        float[] features = new float[batch * projection.Dimension];
        fixed (float* g = gradients, f = features)
            backend.Project(
                projection, new DenseBlock(batch, 5, length, MemoryView.Of(g, gradients.Length)), MemoryView.Of(f, features.Length));
        return features;
    }

    private static double[] Expected(ProjectionKind kind, float[] gradients, int batch, int length, int k)
    {
        double[] expected = new double[batch * k], entries = new double[k];
        for (int i = 0; i < length; i++)
        {
            for (int j = 0; j < k; j++)
            {
                if (kind == ProjectionKind.Gaussian)
                {
                    entries[j] = RandomEntries.Gaussian(7, 3, 5 + i, j);
                    continue;
                }

                (uint x, uint y, uint z, uint w) = Philox.Block((uint)(5 + i), 0, (uint)(j / 128), RandomEntries.RademacherStream, 7, 3);
                uint[] words = [x, y, z, w];
                for (int end = Math.Min(k, j + 128), bit = 0; j < end; j++, bit++)
                    entries[j] = ((words[bit / 32] >> (bit % 32)) & 1) == 0 ? 1 : -1;
                j--;
            }

            for (int e = 0; e < batch; e++)
            {
                double value = gradients[((long)e * length) + i];
                for (int j = 0; j < k; j++) expected[(e * k) + j] += value * entries[j];
            }
        }

        return expected;
    }

    /// <summary>Root of the mean square of the differences, relative to that of the values.</summary>
    private static double RelativeError(float[] actual, double[] expected)
    {
        double difference = 0, size = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            size += expected[i] * expected[i];
        }

        return Math.Sqrt(difference / Math.Max(size, 1e-30));
    }
}
