namespace TrakFast.Kernels.Tests;

/// <summary>Score tiles and Gram tiles against one output a thread, and the selection of the strongest scores against a sort.</summary>
internal sealed unsafe class ScoreKernelTests
{
    [TestCase(1, 1, 1)]
    [TestCase(1, 129, 7)]
    [TestCase(127, 1, 130)]
    [TestCase(129, 127, 7)]
    [TestCase(3, 129, 8)]
    [TestCase(129, 5, 16)]
    public void ScoreTilesHaveTheReferencesBits(int rows, int columns, int k)
    {
        using IlgpuDevice device = new();
        using DeviceBackend backend = new(device, Workers.Single);
        using Uploads uploads = new(backend);
        float[] start = TestData.Floats(rows * columns, 4);
        MemoryView left = uploads.Upload(TestData.Floats(rows * k, 1)),
            right = uploads.Upload(TestData.Floats(columns * k, 2)),
            scale = uploads.Upload(TestData.Floats(rows, 3));
        foreach (bool accumulate in (ReadOnlySpan<bool>)[false, true])
        {
            MemoryView expected = uploads.Upload(start), actual = uploads.Upload(start), used = accumulate ? scale.Slice(0, 0) : scale;
            ScoreLaunches.Tile(device, left, right, used, expected, rows, columns, accumulate, DeviceArithmetic.Reference);
            ScoreLaunches.Tile(device, left, right, used, actual, rows, columns, accumulate);
            TestData.AssertSameBits(uploads.Download(actual), uploads.Download(expected), $"accumulate {accumulate}");
        }
    }

    [TestCase(3)]
    [TestCase(4)]
    public void ScoreTilesReadRowsThatLieOnNoBoundary(int shift)
    {
        const int Rows = 5, Columns = 6, K = 12;
        using IlgpuDevice device = new();
        using DeviceBackend backend = new(device, Workers.Single);
        using Uploads uploads = new(backend);
        MemoryView left = uploads.Upload(TestData.Floats((Rows * K) + shift, 1)).Slice(shift, Rows * K),
            right = uploads.Upload(TestData.Floats(Columns * K, 2));
        Assert.That(ScoreLaunches.ByVectors(left, K), Is.EqualTo(shift == 4));
        MemoryView expected = uploads.Upload(new float[Rows * Columns]), actual = uploads.Upload(new float[Rows * Columns]);
        ScoreLaunches.Tile(device, left, right, left.Slice(0, 0), expected, Rows, Columns, false, DeviceArithmetic.Reference);
        ScoreLaunches.Tile(device, left, right, left.Slice(0, 0), actual, Rows, Columns, false);
        TestData.AssertSameBits(uploads.Download(actual), uploads.Download(expected), "scores");
    }

    [TestCase(1, 1, 0)]
    [TestCase(7, 129, 0)]
    [TestCase(130, 127, 0)]
    [TestCase(13, 132, 1)]
    [TestCase(1100, 4, 0)]
    public void GramTilesHaveTheReferencesBits(int rows, int k, int shift)
    {
        using IlgpuDevice device = new();
        using DeviceBackend backend = new(device, Workers.Single);
        using Uploads uploads = new(backend);
        MemoryView features = uploads.Upload(TestData.Floats((rows * k) + shift, 1)).Slice(shift, rows * k),
            scale = uploads.Upload(TestData.Floats(rows, 2));
        foreach (int parts in (ReadOnlySpan<int>)[1, 2])
        {
            double[] expected = Tiles(DeviceArithmetic.Reference, parts), actual = Tiles(DeviceArithmetic.Float32, parts);
            for (int i = 0; i < expected.Length; i++)
            {
                if (expected[i] != actual[i]) Assert.Fail($"{parts} parts: element {i} is {actual[i]:R}, not {expected[i]:R}");
            }

            Assert.That(actual.Max(), Is.GreaterThan(0));
        }

        double[] Tiles(DeviceArithmetic version, int parts)
        {
            long length = GramLaunches.Tiles(k) * GramLaunches.TileLength;
            using DeviceBuffer tiles = new(device, ElementType.Float64, parts * length), total = new(device, ElementType.Float64, length);
            backend.Clear(tiles.View);
            GramLaunches.Add(device, features, scale, tiles.View, rows, k, parts, version);
            GramLaunches.Add(device, features, scale.Slice(0, 0), tiles.View, rows, k, parts, version);
            GramLaunches.Total(device, tiles.View, total.View, parts);
            double[] values = new double[length];
            fixed (double* target = values)
                backend.Copy(total.View, new MemoryView((nint)target, length, ElementType.Float64, MemorySpace.Host));
            return values;
        }
    }

    [TestCase(129, 33, 7)]
    [TestCase(70, 130, 19)]
    public void TensorCoresScoreAsPreciselyAsFloat32(int rows, int columns, int k)
    {
        using IlgpuDevice device = new();
        using DeviceBackend backend = new(device, Workers.Single);
        using Uploads uploads = new(backend);
        MemoryView left = uploads.Upload(TestData.Floats(rows * k, 1)),
            right = uploads.Upload(TestData.Floats(columns * k, 2)),
            scale = uploads.Upload(TestData.Floats(rows, 3));
        MemoryView expected = uploads.Upload(new float[rows * columns]), actual = uploads.Upload(new float[rows * columns]);
        ScoreLaunches.Tile(device, left, right, scale, expected, rows, columns, false, DeviceArithmetic.Reference);
        ScoreLaunches.Tile(device, left, right, scale, actual, rows, columns, false, DeviceArithmetic.TensorCores);
        Assert.That(TestData.Error(uploads.Download(actual), [.. uploads.Download(expected).Select(x => (double)x)]), Is.LessThan(1e-6));
    }

    [Test]
    public void ABackendOfTensorCoresRanksItsOwnScores()
    {
        const int Rows = 130, Targets = 5, K = 9, Kept = 4;
        using IlgpuDevice device = new();
        using DeviceBackend backend = new(device, Workers.Single);
        using Uploads uploads = new(backend);
        MemoryView train = uploads.Upload(TestData.Floats(Rows * K, 1)),
            right = uploads.Upload(TestData.Floats(Targets * K, 2)),
            scale = uploads.Upload(TestData.Floats(Rows, 3));
        float[] scores = new float[Rows * Targets];
        TopSink sink = new(Targets, Kept);
        backend.Score([train], [right], scale, 0, new TileSink(Targets, (_, tile) => tile.CopyTo(scores)));
        backend.Score([train], [right], scale, 0, sink);
        for (int j = 0; j < Targets; j++)
        {
            TrainScore[] all = [.. Enumerable.Range(0, Rows).Select(i => new TrainScore(i, scores[(i * Targets) + j]))];
            Assert.That(sink.Highest(j).ToArray(), Is.EqualTo(all.OrderByDescending(s => s.Score).Take(Kept)));
            Assert.That(sink.Lowest(j).ToArray(), Is.EqualTo(all.OrderBy(s => s.Score).Take(Kept)));
        }

        using IGramAccumulator gram = backend.CreateGram(K);
        gram.Add(train, Rows, scale);
        using SymmetricMatrix actual = gram.ToMatrix(), expected = new(K);
        fixed (float* f = uploads.Download(train), s = uploads.Download(scale)) ReferenceLinearAlgebra.Gram(f, Rows, K, s, expected);
        for (int i = 0; i < K; i++)
        {
            for (int j = 0; j < K; j++) Assert.That(actual.Row(i)[j], Is.EqualTo(expected.Row(i)[j]).Within(1e-6 * expected.Trace()));
        }
    }

    // Spans, parts and blocks of targets; r = 1, r as large as the lists allow, and r larger than the rows.
    [TestCase(700, 3, 5, 1)]
    [TestCase(700, 3, 130, 2)]
    [TestCase(90, 131, 60, 3)]
    [TestCase(300, 2, 128, 1)]
    [TestCase(100, 2, 120, 1)]
    public void TheStrongestScoresAreThoseOfASort(int rows, int targets, int keep, int models)
    {
        TopPlan plan = new(128, 256, targets > 100 ? 100 : 2 * targets);
        float[] scale = [.. TestData.Floats(rows, 9).Select(x => -MathF.Abs(x))];
        Strongest(rows, targets, keep, models, plan, scale, 5);
    }

    [Test]
    public void TiesGoToTheLowerRow()
    {
        // Rows of the same features and scores of both zeros: only the row's number tells them apart.
        const int Rows = 450;
        float[] scale = [.. Enumerable.Range(0, Rows).Select(i => (i % 3) switch { 0 => 0f, 1 => -0f, _ => i % 2 })];
        Strongest(Rows, 2, 110, 1, new TopPlan(128, 256, 2), scale, 0);
    }

    [Test]
    public void TheReferenceRanksAsTheSinkDoes()
    {
        const int Rows = 40, Targets = 3, K = 5, Kept = 6;
        using IlgpuDevice device = new();
        using DeviceBackend backend = new(device, Workers.Single, DeviceArithmetic.Float32);
        using Uploads uploads = new(backend);
        using IBackendBuffer keys = backend.Allocate(ElementType.Int64, Targets * 2 * Kept),
            counts = backend.Allocate(ElementType.Int32, Targets * 2);
        MemoryView train = uploads.Upload(TestData.Floats(Rows * K, 1)),
            right = uploads.Upload(TestData.Floats(Targets * K, 2)),
            scale = uploads.Upload(TestData.Floats(Rows, 3));
        TopLaunches.RunReference(device, train, right, scale, keys.View, counts.View, Targets, Kept);
        TopSink sink = new(Targets, Kept);
        backend.Score([train], [right], scale, 0, sink);
        long[] ranked = new long[Targets * 2 * Kept];
        fixed (long* to = ranked) backend.Copy(keys.View, MemoryView.Of(to, ranked.Length));
        for (int list = 0; list < 2 * Targets; list++)
        {
            TrainScore[] expected = [.. ranked
                .Skip(list * Kept)
                .Take(Kept)
                .Select(key => new TrainScore(ScoreOrder.RowOf(key), BitConverter.UInt32BitsToSingle(ScoreOrder.ScoreOf(key, list & 1))))];
            Assert.That((list % 2 == 0 ? sink.Highest(list / 2) : sink.Lowest(list / 2)).ToArray(), Is.EqualTo(expected));
        }
    }

    [Test]
    public void MoreThanListsHoldComesInTiles()
    {
        const int Rows = 20, Targets = 3, K = 4;
        using IlgpuDevice device = new();
        using DeviceBackend backend = new(device, new Workers(2));
        using Uploads uploads = new(backend);
        MemoryView train = uploads.Upload(TestData.Floats(Rows * K, 1)),
            right = uploads.Upload(TestData.Floats(Targets * K, 2)),
            scale = uploads.Upload(TestData.Floats(Rows, 3));
        TopSink few = new(Targets, Rows), many = new(Targets, TopPlan.Default.MostKept + 1);
        backend.Score([train, train], [right, right], scale, 70, few);
        backend.Score([train, train], [right, right], scale, 70, many);
        for (int j = 0; j < Targets; j++)
        {
            Assert.That(many.Highest(j).ToArray(), Is.EqualTo(few.Highest(j).ToArray()));
            Assert.That(many.Lowest(j).ToArray(), Is.EqualTo(few.Lowest(j).ToArray()));
            Assert.That(many.Highest(j)[0].Index, Is.InRange(70, 89));
        }
    }

    [TestCase(0f)]
    [TestCase(1.5f)]
    [TestCase(float.Epsilon)]
    [TestCase(float.MaxValue)]
    [TestCase(float.PositiveInfinity)]
    public void KeysOrderScores(float score)
    {
        uint up = BitConverter.SingleToUInt32Bits(score),
            down = BitConverter.SingleToUInt32Bits(-score),
            one = BitConverter.SingleToUInt32Bits(1);
        Assert.That(ScoreOrder.Bits(ScoreOrder.Rising(up)), Is.EqualTo(up));
        Assert.That(BitConverter.UInt32BitsToSingle(ScoreOrder.Bits(ScoreOrder.Rising(down))), Is.EqualTo(-score));
        Assert.That(ScoreOrder.BarBits(ScoreOrder.Bar(up)), Is.EqualTo(up));
        Assert.That(ScoreOrder.Bar(up).CompareTo(ScoreOrder.Bar(one)), Is.EqualTo(score.CompareTo(1)));
        Assert.That(ScoreOrder.Bar(down), Is.LessThan(ScoreOrder.Bar(one)));
        foreach (int end in (ReadOnlySpan<int>)[0, 1])
        {
            long key = ScoreOrder.Key(down, end, 7);
            Assert.That(BitConverter.UInt32BitsToSingle(ScoreOrder.ScoreOf(key, end)), Is.EqualTo(-score));
            Assert.That((ulong)key, Is.LessThan((ulong)ScoreOrder.Key(down, end, 8)));
            Assert.That((ulong)key < (ulong)ScoreOrder.Key(one, end, 0), Is.EqualTo(end == 1));
        }
    }

    private static void Strongest(int rows, int targets, int keep, int models, TopPlan plan, float[] scale, int seed)
    {
        const int K = 3, First = 1000;
        using IlgpuDevice device = new();
        using (DeviceBackend backend = new(device, new Workers(2), plan.Version))
        {
            using DeviceScratch scratch = new(device);
            using Uploads uploads = new(backend);
            MemoryView[] train =
                [.. Enumerable.Range(0, models).Select(m => uploads.Upload(seed == 0 ? Same(rows) : TestData.Floats(rows * K, seed + m)))];
            MemoryView[] right = [.. Enumerable.Range(0, models).Select(m => uploads.Upload(TestData.Floats(targets * K, seed + 50 + m)))];
            MemoryView factor = uploads.Upload(scale);
            float[] scores = new float[rows * targets];
            backend.Score(
                train, right, factor, 0, new TileSink(targets, (firstRow, tile) => tile.CopyTo(scores.AsSpan((int)firstRow * targets))));

            // In two calls, so that the second starts from the first one's bars.
            TopSink sink = new(targets, keep);
            int cut = rows / 3;
            TopLaunches.Run(
                device, scratch, backend.Workers, [.. train.Select(t => t.Slice(0, cut * K))], right,
                factor.Slice(0, cut), First, sink, plan);
            TopLaunches.Run(
                device, scratch, backend.Workers, [.. train.Select(t => t.Slice(cut * K, (rows - cut) * K))], right,
                factor.Slice(cut, rows - cut), First + cut, sink, plan);
            for (int j = 0; j < targets; j++)
            {
                TrainScore[] all = [.. Enumerable.Range(0, rows).Select(i => new TrainScore(First + i, scores[(i * targets) + j]))];
                Assert.That(
                    sink.Highest(j).ToArray(),
                    Is.EqualTo(all.OrderByDescending(s => s.Score).ThenBy(s => s.Index).Take(keep)), $"target {j}");
                Assert.That(sink.Lowest(j).ToArray(), Is.EqualTo(all.OrderBy(s => s.Score).ThenBy(s => s.Index).Take(keep)), $"target {j}");
            }
        }

        static float[] Same(int rows) => [.. Enumerable.Repeat(new[] { 1f, -2f, .5f }, rows).SelectMany(x => x)];
    }
}
