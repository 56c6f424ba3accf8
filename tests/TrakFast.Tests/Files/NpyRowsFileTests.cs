using TrakFast.Kernels;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Files;

public sealed unsafe class NpyRowsFileTests
{
    private TemporaryDirectory _folder = null!;

    [SetUp]
    public void Make() => _folder = new TemporaryDirectory();

    [TearDown]
    public void Clean() => _folder.Dispose();

    [TestCase("float32")]
    [TestCase("float16")]
    public void Files_of_a_TRAK_directory_come_out_byte_for_byte(string precision)
    {
        foreach (string path in Directory.GetFiles(Fixtures.Path("trak_save_dir", precision), "*.mmap", SearchOption.AllDirectories))
        {
            string copy = _folder[Guid.NewGuid().ToString()];
            using (NpyRowsFile original = NpyRowsFile.Open(path))
            using (NpyRowsFile created = NpyRowsFile.Create(copy, original.Type, original.Rows, original.Width))
            {
                if (original.Type == ElementType.Int32)
                {
                    int[] marks = new int[original.Rows * original.Width];
                    original.ReadElements<int>(0, marks);
                    created.WriteElements<int>(0, marks);
                }
                else
                {
                    float[] row = new float[original.Width];
                    for (long i = 0; i < original.Rows; i++)
                    {
                        original.ReadRows(i, row);
                        created.WriteRows(i, row);
                    }
                }

                created.Flush();
            }

            Assert.That(File.ReadAllBytes(copy), Is.EqualTo(File.ReadAllBytes(path)), path);
        }
    }

    [TestCase(ElementType.Float32, 1e38f)]
    [TestCase(ElementType.Float16, 65504f)]
    [TestCase(ElementType.BFloat16, 1e38f)]
    public void Rows_come_back_as_near_as_the_type_allows(ElementType type, float largest)
    {
        const int Rows = 1000, Width = 257;
        var random = new Random(7);
        float[] values =
            [.. Enumerable.Range(0, Rows * Width).Select(_ => (float)((random.NextDouble() - .5) * Math.Pow(10, random.Next(-3, 4))))];
        (values[3], values[5], values[8], values[9]) = (float.NaN, float.PositiveInfinity, largest, float.NegativeInfinity);
        using NpyRowsFile file = NpyRowsFile.Create(_folder["g.mmap"], type, Rows, Width);
        file.WriteRows(0, values.AsSpan(0, 300 * Width));
        fixed (float* rest = &values[300 * Width]) file.WriteRows(300, 700, rest);

        float[] expected = type switch
        {
            ElementType.Float32 => values,
            ElementType.Float16 => [.. values.Select(static v => (float)(Half)v)],
            _ => [.. values.Select(BFloat16)],
        };
        float[] back = new float[Rows * Width];
        file.ReadRows(0, back);
        Assert.That(back, Is.EqualTo(expected));
        using var native = new NativeBuffer<float>(2 * Width);
        file.ReadRows(998, 2, native.Pointer);
        Assert.That(native.Span.ToArray(), Is.EqualTo(expected[(998 * Width)..]));
    }

    [Test]
    public void BFloat16_rounds_every_pattern_like_the_plain_formula()
    {
        using NpyRowsFile file = NpyRowsFile.Create(_folder["b.mmap"], ElementType.BFloat16, 1, 200_000);
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 200_000)
            .Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)))
            .Select(static v => MathF.Abs(v) > 3.38e38f ? 1 : v)];
        ushort[] stored = new ushort[values.Length];
        file.WriteRows(0, values);
        file.ReadElements<ushort>(0, stored);
        for (int i = 0; i < values.Length; i++)
            Assert.That(BitConverter.UInt32BitsToSingle((uint)stored[i] << 16), Is.EqualTo(BFloat16(values[i])), $"{values[i]:R}");
    }

    [TestCase(ElementType.Float16, 65520f, 65519f, "choose precision bfloat16 or float32")]
    [TestCase(ElementType.BFloat16, 3.3961776e38f, 3.3961773e38f, "choose precision float32")]
    public void Overflow_names_the_row_and_writes_nothing(ElementType type, float tooLarge, float fits, string remedy)
    {
        const int Rows = 3000, Width = 100;
        using NpyRowsFile file = NpyRowsFile.Create(_folder["g.mmap"], type, 5000, Width);
        float[] values = new float[Rows * Width];
        Array.Fill(values, 1);
        file.WriteRows(1000, values);
        foreach (int index in new[] { 0, 1, 63, 64, (2500 * Width) + 17, values.Length - 1 })
        {
            Array.Fill(values, 2);
            values[index] = -tooLarge;
            TrakException error = Assert.Catch<TrakException>(() => file.WriteRows(1000, values))!;
            Assert.That(
                error.Message, Does.StartWith($"Row {1000 + (index / Width)} of ").And.Contain($"{-tooLarge:R}").And.Contain(remedy));
        }

        file.ReadRows(1000, values);
        Assert.That(values, Is.All.EqualTo(1f));
        values[0] = fits;
        file.WriteRows(1000, values);
    }

    [Test]
    public void A_created_file_is_zero_and_sparse()
    {
        using NpyRowsFile file = NpyRowsFile.Create(_folder["huge.mmap"], ElementType.Float16, 1L << 26, 1024);
        Assert.That(new FileInfo(_folder["huge.mmap"]).Length, Is.EqualTo(128 + (1L << 37)));
        float[] row = new float[1024];
        row[0] = 4;
        file.WriteRows((1L << 26) - 1, row);
        file.ReadRows((1L << 26) - 2, row);
        Assert.That(row, Is.All.Zero);
        file.ReadRows((1L << 26) - 1, row);
        Assert.That(row[0], Is.EqualTo(4f));
    }

    [Test]
    public void Another_type_or_shape_is_refused_with_both()
    {
        NpyRowsFile.Create(_folder["g.mmap"], ElementType.Float16, 96, 64).Dispose();
        TrakException error = Assert.Catch<TrakException>(() => NpyRowsFile.Open(_folder["g.mmap"], ElementType.Float32, 96, 128))!;
        Assert.That(error.Message, Does.Contain("Float16 [96, 64], where Float32 [96, 128] is wanted"));
        using (NpyRowsFile.Open(_folder["g.mmap"], ElementType.Float16, 96, 64)) { }
        error = Assert.Catch<TrakException>(() => NpyRowsFile.Create(_folder["g.mmap"], ElementType.Float16, 96, 64))!;
        Assert.That(error.Message, Does.Contain("exist"));
        Assert.That(_folder.Files, Is.EqualTo(new[] { "g.mmap" }));
        NpyFile.Write(_folder["v.npy"], DataArray.From([1f, 2f], 2));
        Assert.That(Assert.Catch<TrakException>(() => NpyRowsFile.Open(_folder["v.npy"]))!.Message, Does.Contain("a matrix is wanted"));
    }

    [Test]
    public void Calls_allocate_nothing()
    {
        using NpyRowsFile file = NpyRowsFile.Create(_folder["g.mmap"], ElementType.Float16, 64, 1000);
        float[] rows = new float[16_000];
        file.WriteRows(0, rows);
        file.ReadRows(0, rows);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 48; i++)
        {
            file.WriteRows(i, rows);
            file.ReadRows(i, rows);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1000));
    }

    [Test]
    public void Threads_write_different_rows_at_once()
    {
        using NpyRowsFile file = NpyRowsFile.Create(_folder["g.mmap"], ElementType.BFloat16, 256, 300);
        Parallel.For(0, 256, i =>
        {
            float[] row = new float[300];
            Array.Fill(row, i);
            file.WriteRows(i, row);
        });
        float[] all = new float[256 * 300];
        file.ReadRows(0, all);
        Assert.That(all, Is.EqualTo(Enumerable.Range(0, all.Length).Select(static i => (float)(i / 300))));
    }

    [Test]
    public void Rows_outside_and_broken_rows_are_refused()
    {
        using NpyRowsFile file = NpyRowsFile.Create(_folder["m.mmap"], ElementType.Int32, 4, 3);
        Assert.Throws<ArgumentException>(() => file.ReadElements<int>(0, new int[4]));
        Assert.Throws<ArgumentException>(() => file.ReadElements<long>(0, new long[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.WriteElements<int>(3, new int[6]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.WriteElements<int>(-1, new int[6]));
        Assert.Catch<TrakException>(() => file.ReadRows(0, new float[3]));
        using NpyRowsFile reader = NpyRowsFile.Open(_folder["m.mmap"]);
        Assert.Catch<TrakException>(() => reader.WriteElements<int>(0, new int[3]));
    }

    private static float BFloat16(float value)
    {
        if (!float.IsFinite(value)) return value;
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint low = bits & 0xFFFF0000;
        uint up = (bits & 0xFFFF) is var tail && (tail > 0x8000 || (tail == 0x8000 && (bits & 0x10000) != 0)) ? 0x10000u : 0;
        return BitConverter.UInt32BitsToSingle(low + up);
    }
}
