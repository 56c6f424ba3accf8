using TrakFast.Datasets.Tests.Support;

namespace TrakFast.Datasets.Tests.Sources;

internal sealed class RowsFileTests
{
    private static readonly object?[][] Rows =
    [
        [1L, "a, \"b\"\nc", 0.1, true, null],
        [-2L, "שלום 🙂", 2.0, false, 3L],
        [3L, null, null, null, 2.5],
    ];

    [TestCase(".jsonl", "1 | \"a, \"b\"\nc\" | 0.1 | True | null", "3 | null | null | null | 2.5")]
    [TestCase(".parquet", "1 | \"a, \"b\"\nc\" | 0.1 | True | null", "3 | null | null | null | 2.5")]
    [TestCase(".csv", "\"1\" | \"a, \"b\"\nc\" | \"0.1\" | \"true\" | \"\"", "\"3\" | \"\" | \"\" | \"\" | \"2.5\"")]
    public void WhatIsWrittenIsReadAgain(string ending, string first, string last)
    {
        using Folder folder = new();
        string path = folder["rows" + ending];
        RowsFile.Write(path, ["id", "text", "value", "flag", "mixed"], Rows);
        using RowSource source = DataSource.Open(path);
        string[] read = Values.Rows(source, "id", "text", "value", "flag", "mixed");
        Assert.That((read.Length, read[0], read[2]), Is.EqualTo((3, first, last)));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public void OtherEndingsAreRefused()
    {
        using Folder folder = new();
        Assert.That(
            Assert.Throws<InputException>(() => RowsFile.Write(folder["rows.xlsx"], ["a"], []))!.Message, Does.Contain(".csv, .jsonl and .parquet"));
    }
}
