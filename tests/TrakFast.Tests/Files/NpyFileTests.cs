using TrakFast.Kernels;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Files;

public sealed class NpyFileTests
{
    private readonly TemporaryDirectory _folder = new();

    public static IEnumerable<TestCaseData> Arrays()
    {
        foreach (ElementType type in Enum.GetValues<ElementType>())
        {
            foreach (long[] shape in new long[][] { [], [0], [1], [7], [3, 5], [2, 0, 3], [2, 3, 4], [1, 1, 1, 2, 2] })
                yield return new TestCaseData(type, shape).SetArgDisplayNames(type.ToString(), Shapes.Text(shape));
        }
    }

    [OneTimeTearDown]
    public void Clean() => _folder.Dispose();

    [TestCaseSource(nameof(Arrays))]
    public void What_is_written_is_read_back(ElementType type, long[] shape)
    {
        byte[] bytes = new byte[Shapes.Count(shape) * type.Size()];
        new Random(1).NextBytes(bytes);
        if (type == ElementType.Bool) for (int i = 0; i < bytes.Length; i++) bytes[i] &= 1;
        NpyFile.Write(_folder["a.npy"], new DataArray(type, shape, bytes));
        DataArray back = NpyFile.Read(_folder["a.npy"]);
        Assert.Multiple(() =>
        {
            Assert.That(back.Type, Is.EqualTo(type));
            Assert.That(back.Shape, Is.EqualTo(shape));
            Assert.That(back.Bytes.ToArray(), Is.EqualTo(bytes));
            Assert.That((new FileInfo(_folder["a.npy"]).Length - bytes.Length) % 64, Is.Zero);
        });
    }

    [Test]
    public void Files_by_NumPy_are_read_and_written_byte_for_byte()
    {
        string[] files =
        [
            .. Directory.GetFiles(Fixtures.Path(), "*.npy", SearchOption.AllDirectories),
            .. Directory.GetFiles(Fixtures.Path(), "*.mmap", SearchOption.AllDirectories)
        ];
        Assert.That(files, Has.Length.GreaterThan(20));
        foreach (string file in files)
        {
            NpyFile.Write(_folder["copy.npy"], NpyFile.Read(file));
            Assert.That(File.ReadAllBytes(_folder["copy.npy"]), Is.EqualTo(File.ReadAllBytes(file)), file);
        }
    }

    [Test]
    public void Rows_are_the_rows_of_the_whole()
    {
        string path = Fixtures.Path("mlp", "train.image.npy");
        DataArray whole = NpyFile.Read(path);
        using NpyFile file = NpyFile.Open(path);
        Parallel.For(0, 97, start =>
        {
            DataArray rows = file.ReadRows(start, 96 - start);
            Assert.That(rows.Shape, Is.EqualTo(new long[] { 96 - start, 64 }));
            Assert.That(rows.Bytes.SequenceEqual(whole.Rows(start, 96 - start).Bytes));
        });
        Assert.Throws<ArgumentOutOfRangeException>(() => file.ReadRows(90, 7));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.ReadRows(97, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.ReadRows(-1, 1));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void All_versions_are_read(int version)
    {
        string path = _folder.With("v.npy", NpyBytes.Make(version, "{'shape': (2,), \"fortran_order\":False,'descr':'|u1'}   \n", 5, 6));
        Assert.That(NpyFile.Read(path).ToLongs(), Is.EqualTo(new long[] { 5, 6 }));
    }

    [TestCase("<f4", "(2,)", "False", "cut short: Float32 [2] takes 8 bytes after the header, and the file has 4.")]
    [TestCase("|u1", "(2,)", "False", "too long: UInt8 [2] takes 2 bytes after the header, and the file has 4.")]
    [TestCase("<f4", "(1000000000000,)", "False", "takes 4000000000000 bytes")]
    [TestCase("<f8", "(9223372036854775807, 9223372036854775807)", "False", "no file can hold")]
    [TestCase("<f8", "(99999999999999999999,)", "False", "a size of 20 digits")]
    [TestCase("<f4", "(-1,)", "False", "whole numbers from 0")]
    [TestCase("<f4", "(1)", "False", "instead of a tuple")]
    [TestCase("<f4", "(1 1)", "False", "malformed shape")]
    [TestCase("<f4", "(,)", "False", "whole numbers from 0")]
    [TestCase("<f4", "[1]", "False", "no '('")]
    [TestCase("<f4", "(1,)", "Maybe", "neither True nor False")]
    [TestCase(">f4", "(1,)", "False", "big-endian '>f4' elements; save it little-endian, with .astype('<f4')")]
    [TestCase("<u4", "(1,)", "False", "'<u4' elements, which are not read; save it with .astype('int64')")]
    [TestCase("<i2", "(2,)", "False", ".astype('int32')")]
    [TestCase("|O", "(1,)", "False", "'|O' elements; read are")]
    [TestCase("<i2", "(2, 2)", "True", ".astype('int32')")]
    [TestCase("|u1", "(2, 2)", "True", "Fortran order")]
    [TestCase("|b1", "(4,)", "False", "holds 9 at element 3")]
    public void What_is_wrong_is_said(string type, string shape, string fortran, string message)
    {
        string path = _folder.With("bad.npy", NpyBytes.Make(1, NpyBytes.Header(type, shape, fortran), 0, 1, 0, 9));
        TrakException error = Assert.Catch<TrakException>(() => NpyFile.Read(path))!;
        Assert.That(error.Message, Does.Contain(message).And.Contain(path));
    }

    [TestCase("{'descr': '|u1', 'fortran_order': False}")]
    [TestCase("{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': ()}")]
    [TestCase("{'descr': '|u1', 'fortran_order': False, 'shape': (), 'x': 'y'}")]
    [TestCase("{'descr': '|u1', 'fortran_order': False, 'shape': ()} 1")]
    [TestCase("{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': ()}")]
    [TestCase("{'descr': __import__('os'), 'fortran_order': False, 'shape': ()}")]
    [TestCase("{'descr': 'é', 'fortran_order': False, 'shape': ()}")]
    [TestCase("{'descr': '|u1' 'fortran_order': False, 'shape': ()}")]
    [TestCase("{'descr': '|u1', 'fortran_order': False, 'shape': ()")]
    [TestCase("")]
    public void A_header_is_exactly_three_keys(string header)
    {
        string path = _folder.With("bad.npy", NpyBytes.Make(1, header, 1));
        Assert.That(Assert.Catch<TrakException>(() => NpyFile.Read(path))!.Message, Does.Contain(path));
    }

    [TestCase("(4,)")]
    [TestCase("(1, 4)")]
    [TestCase("(4, 1, 1)")]
    [TestCase("()")]
    public void Fortran_order_is_read_where_it_makes_no_difference(string shape)
    {
        byte[] data = shape == "()" ? [1] : [1, 2, 3, 4];
        string path = _folder.With("fortran.npy", NpyBytes.Make(1, NpyBytes.Header("|u1", shape, "True"), data));
        Assert.That(NpyFile.Read(path).Bytes.ToArray(), Is.EqualTo(data));
    }

    [Test]
    public void A_huge_promise_allocates_nothing()
    {
        string path = _folder.With("huge.npy", NpyBytes.Make(2, NpyBytes.Header("<f4", "(1000000000000,)"), 0));
        byte[] longHeader = NpyBytes.Make(2, NpyBytes.Header("<f4", "(1,)"), 0);
        longHeader[11] = 0x7F;
        string longPath = _folder.With("long.npy", longHeader);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Catch<TrakException>(() => NpyFile.Read(path));
        Assert.Catch<TrakException>(() => NpyFile.Read(longPath));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(200_000));
    }

    [Test]
    public void More_than_two_gigabytes_are_read_by_rows()
    {
        string path = _folder["sparse.npy"];
        const long Rows = 3L << 20;
        using (NpyRowsFile rows = NpyRowsFile.Create(path, ElementType.Float32, Rows, 256))
            rows.WriteRows(Rows - 1, Enumerable.Range(0, 256).Select(static i => (float)i).ToArray());
        using NpyFile file = NpyFile.Open(path);
        Assert.That(Assert.Catch<TrakException>(() => file.ReadAll())!.Message, Does.Contain("read fewer rows"));
        Assert.That(file.ReadRows(Rows - 2, 2).ToFloats()[254..260], Is.EqualTo(new float[] { 0, 0, 0, 1, 2, 3 }));
        File.Delete(path);
    }

    [Test]
    public void Every_truncation_is_an_error() =>
        Corruption.EveryTruncation(File.ReadAllBytes(Fixtures.Path("mlp", "target.label.npy")), static path => NpyFile.Read(path));

    [Test]
    public void Flipped_bits_are_read_or_refused()
    {
        int readable = Corruption.BitFlips(
            File.ReadAllBytes(Fixtures.Path("mlp", "target.label.npy")), 128, static path => NpyFile.Read(path));
        Assert.That(readable, Is.InRange(1, 5_000));
    }

    [Test]
    public void Missing_files_and_directories_are_named()
    {
        Assert.That(Assert.Catch<TrakException>(() => NpyFile.Read(_folder["none.npy"]))!.Message, Does.Contain("no such file"));
        Assert.That(
            Assert.Catch<TrakException>(() => NpyFile.Read(_folder["no/none.npy"]))!.Message, Does.Contain("directory does not exist"));
        Assert.That(Assert.Catch<TrakException>(() => NpyFile.Read(_folder[""]))!.Message, Does.Contain("is a directory"));
        Assert.That(
            Assert.Catch<TrakException>(() => NpyFile.Write(_folder["no/none.npy"], DataArray.From([1f], 1)))!.Message,
            Does.Contain("directory does not exist"));
    }
}
