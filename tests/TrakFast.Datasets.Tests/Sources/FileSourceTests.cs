using System.Buffers.Binary;
using System.IO.Compression;
using TrakFast.Datasets.Tests.Support;

namespace TrakFast.Datasets.Tests.Sources;

internal sealed class FileSourceTests
{
    private Folder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new Folder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void TextIsARowALineWithoutEmptyOnes()
    {
        using RowSource source = DataSource.Open(_folder.Write("a.txt", "one\r\n\n  \ntwo 🙂\nthree"));
        Assert.That(Values.Rows(source, "text"), Is.EqualTo(new[] { "\"one\"", "\"two 🙂\"", "\"three\"" }));
    }

    [Test]
    public void JsonLinesHaveNestedColumnsAndMayLackThem()
    {
        using RowSource source = DataSource.Open(_folder.Write("a.jsonl", """
            {"text": "a", "meta": {"id": 1, "x.y": 2}, "n": 1.5}
            {"meta": {"id": 2}, "text": "b", "extra": [1, "z"]}
            """));
        Assert.That(source.Columns, Is.EqualTo(new[] { "text", "meta", "n", "extra" }));
        Assert.That(
            Values.Rows(source, "meta.id", "meta.x.y", "n", "extra"), Is.EqualTo(new[] { "1 | 2 | 1.5 | null", "2 | null | null | [1, \"z\"]" }));
    }

    [TestCase("{\"a\": \n{\"a\": \n", "row 0 is no JSON object on one line")]
    [TestCase("[1]\n", "row 0 is no JSON object")]
    public void LinesThatAreNoJsonAreNamed(string text, string sentence)
    {
        string path = _folder.Write("a.jsonl", text);
        Assert.That(Assert.Throws<InputException>(() => DataSource.Open(path))!.Message, Does.Contain(sentence).And.Contain(path));
    }

    [Test]
    public void FoldersAreClassesInOrdinalOrderAsTorchvisionHasThem()
    {
        foreach (string name in new[] { "dog/b.png", "dog/a.PNG", "dog/sub/c.jpg", "Zebra/1.gif", "cat/x.webp", "cat/.thumbs.db", "cat/readme.txt" })
            _folder.Write(name, [1]);
        using FolderSource source = FolderSource.Open(_folder.Path);
        Assert.That(source.Classes, Is.EqualTo(new[] { "Zebra", "cat", "dog" }));
        Assert.That(source.OtherFiles, Is.EqualTo(2));
        Assert.That(Values.Rows(source, "file", "label"), Is.EqualTo(new[]
        {
            "\"Zebra/1.gif\" | \"Zebra\"", "\"cat/x.webp\" | \"cat\"", "\"dog/a.PNG\" | \"dog\"", "\"dog/b.png\" | \"dog\"",
            "\"dog/sub/c.jpg\" | \"dog\"",
        }));
        Assert.That(source.Read(1, "image")[0], Is.EqualTo(new PictureFile(_folder["cat/x.webp"])));
    }

    [Test]
    public void MetadataNamesThePicturesAndTheirColumns()
    {
        _folder.Write("a.png", [1]);
        _folder.Write("sub/b.png", [1]);
        _folder.Write("metadata.csv", "file_name,caption,label\nsub/b.png,a bee,2\na.png,an ant,1\n");
        using RowSource source = DataSource.Open(_folder.Path);
        Assert.That(Values.Rows(source, "file", "caption", "label"), Is.EqualTo(new[]
        {
            "\"sub/b.png\" | \"a bee\" | \"2\"", "\"a.png\" | \"an ant\" | \"1\"",
        }));
    }

    [Test]
    public void MetadataCannotLeadOutOfTheFolder()
    {
        _folder.Write("in/metadata.csv", "file_name\n../out.png\n");
        Assert.That(
            Assert.Throws<InputException>(() => DataSource.Open(_folder["in"]))!.Message, Does.Contain("../out.png, which does not lie in"));
    }

    [Test]
    public void EmptyAndMixedFoldersAreRefused()
    {
        Directory.CreateDirectory(_folder["none"]);
        Assert.That(Assert.Throws<InputException>(() => DataSource.Open(_folder["none"]))!.Message, Does.Contain("holds no pictures"));
        _folder.Write("mixed/cat/a.png", [1]);
        _folder.Write("mixed/b.png", [1]);
        Assert.That(Assert.Throws<InputException>(() => DataSource.Open(_folder["mixed"]))!.Message, Does.Contain("1 pictures beside its folders, such as b.png"));
        _folder.Write("whole/train/cat/a.png", [1]);
        _folder.Write("whole/test/cat/a.png", [1]);
        Assert.That(Assert.Throws<InputException>(() => DataSource.Open(_folder["whole"]))!.Message, Does.Contain("holds test and train, which are parts of a data set"));
        Directory.CreateDirectory(_folder["holes/dog"]);
        _folder.Write("holes/cat/a.png", [1]);
        Assert.That(Assert.Throws<InputException>(() => DataSource.Open(_folder["holes"]))!.Message, Does.Contain("folders without pictures, dog"));
    }

    [Test]
    public void IdxHasPicturesAndTheLabelsBesideThem([Values] bool packed)
    {
        string end = packed ? ".gz" : "";
        string path = _folder.Write($"train-images-idx3-ubyte{end}", Pack(Idx([2, 2, 3], [0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255]), packed));
        _folder.Write($"train-labels-idx1-ubyte{end}", Pack(Idx([2], [7, 9]), packed));
        using RowSource source = DataSource.Open(path);
        Picture picture = (Picture)source.Read(1, "image")[0]!;
        Assert.That((picture.Width, picture.Height, picture.IsGray), Is.EqualTo((3, 2, true)));
        Assert.That(Values.Rows(source, "label"), Is.EqualTo(new[] { "7", "9" }));
    }

    [Test]
    public void IdxThatClaimsMoreThanItHoldsIsRefused()
    {
        string path = _folder.Write("x-images-idx3-ubyte", Idx([1000000, 28, 28], [1, 2, 3]));
        Assert.That(Assert.Throws<InputException>(() => DataSource.Open(path))!.Message, Does.Contain("holds bytes [1000000, 28, 28], and it has 3"));
    }

    [Test]
    public void CifarHasPlanesAndNames()
    {
        byte[] records = new byte[2 * 3073];
        records[0] = 3;
        (records[1], records[1 + 1024], records[1 + 2048]) = (10, 20, 30);
        records[3073] = 5;
        _folder.Write("data_batch_1.bin", records);
        _folder.Write("batches.meta.txt", "airplane\nautomobile\nbird\ncat\ndeer\ndog\n\n");
        using RowSource source = DataSource.Open(_folder.Path);
        Assert.That(source.Count, Is.EqualTo(2));
        Assert.That(source.LabelNames("label"), Does.Contain("dog"));
        Assert.That(((Picture)source.Read(0, "image")[0]!).Pixels[..3].ToArray(), Is.EqualTo(new byte[] { 10, 20, 30 }));
        Assert.That(Values.Rows(source, "label"), Is.EqualTo(new[] { "3", "5" }));
    }

    [Test]
    public void PatternsJoinFilesInNaturalOrder()
    {
        foreach (int part in new[] { 10, 2, 1 }) _folder.Write($"part-{part}.csv", $"n\n{part}\n");
        using RowSource source = DataSource.Open(_folder["part-*.csv"]);
        Assert.That(Values.Rows(source, "n"), Is.EqualTo(new[] { "\"1\"", "\"2\"", "\"10\"" }));
        Assert.That(source.Where(2), Does.EndWith("part-10.csv, row 0"));
    }

    [Test]
    public void WhatIsNotThereOrOfNoKnownKindIsSaid()
    {
        Assert.That(Assert.Throws<InputException>(() => DataSource.Open(_folder["none.csv"]))!.Message, Does.Contain("neither a file nor a folder"));
        string path = _folder.Write("data.xlsx", [1]);
        Assert.That(Assert.Throws<InputException>(() => DataSource.Open(path))!.Message, Does.Contain("of no kind that is known"));
        Assert.That(Assert.Throws<InputException>(() => DataSource.Open(_folder["*.csv"]))!.Message, Does.Contain("No file fits"));
    }

    [Test]
    public void AChangedFileHasAnotherFingerprintAndStamp()
    {
        string path = _folder.Write("a.txt", "one\ntwo\n");
        using RowSource first = DataSource.Open(path);
        (string print, string stamp) = (first.Fingerprint(), first.Stamp());
        File.WriteAllText(path, "one\ntwx\n");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        using RowSource second = DataSource.Open(path);
        Assert.That(second.Fingerprint(), Is.Not.EqualTo(print));
        Assert.That(first.Stamp(), Is.Not.EqualTo(stamp));
        Directory.CreateDirectory(_folder["moved"]);
        File.Copy(path, _folder["moved/a.txt"]);
        using RowSource moved = DataSource.Open(_folder["moved/a.txt"]);
        Assert.That(moved.Fingerprint(), Is.EqualTo(second.Fingerprint()));
    }

    private static byte[] Idx(int[] sizes, byte[] values)
    {
        byte[] header = new byte[4 + (4 * sizes.Length)];
        (header[2], header[3]) = (8, (byte)sizes.Length);
        for (int i = 0; i < sizes.Length; i++) BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * i)), sizes[i]);
        return [.. header, .. values];
    }

    private static byte[] Pack(byte[] bytes, bool packed)
    {
        if (!packed) return bytes;
        using MemoryStream stream = new();
        using (GZipStream gzip = new(stream, CompressionLevel.Fastest)) gzip.Write(bytes);
        return stream.ToArray();
    }
}
