using TrakFast.Datasets.Tests.Support;

namespace TrakFast.Datasets.Tests.Sources;

internal sealed class CsvSourceTests
{
    private Folder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new Folder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void QuotedFieldsHoldDelimitersQuotesAndEndsOfLines()
    {
        using CsvSource source = Open("text,label\r\n\"a, \"\"b\"\"\nc\",1\r\nplain \"quote\" inside,2\r\n\r\n\"\",3\r\n");
        Assert.That(Values.Rows(source, "text", "label"), Is.EqualTo(new[]
        {
            "\"a, \"b\"\nc\" | \"1\"", "\"plain \"quote\" inside\" | \"2\"", "\"\" | \"3\"",
        }));
    }

    [TestCase("text;label\nx, y;1\n", TestName = "Semicolons")]
    [TestCase("text\tlabel\nx, y\t1\n", TestName = "Tabs")]
    [TestCase("\uFEFFtext,label\n\"x, y\",1", TestName = "A byte-order mark, and no end of the last line")]
    public void DelimitersAreSeenInTheNames(string text)
    {
        using CsvSource source = Open(text);
        Assert.That(source.Columns, Is.EqualTo(new[] { "text", "label" }));
        Assert.That(Values.Rows(source, "label", "text"), Is.EqualTo(new[] { "\"1\" | \"x, y\"" }));
    }

    [Test]
    public void RowsReadTogetherAreThoseReadAlone()
    {
        Random random = new(1);
        string[] pieces = ["a", "\"", ",", "\n", "ü🙂", " ", "", "\r\n", "ab\"c"];
        string Field() => string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => pieces[random.Next(pieces.Length)]));
        string[][] rows = [.. Enumerable.Range(0, 500).Select(i => new[] { $"{i}", Field(), Field() })];
        string Quoted(string field) => $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        using CsvSource source = Open("id,a,b\n" + string.Concat(rows.Select(r => string.Join(',', r.Select(Quoted)) + "\n")));
        Assert.That(source.Count, Is.EqualTo(rows.Length));
        long[] order = [.. Enumerable.Range(0, rows.Length).Select(static i => (long)i)];
        IReadOnlyList<object?[]> inOrder = source.Read(order, ["id", "a", "b"]);
        random.Shuffle(order);
        IReadOnlyList<object?[]> shuffled = source.Read(order, ["b", "id"]);
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.That(inOrder[i], Is.EqualTo(rows[i]));
            Assert.That(shuffled[i], Is.EqualTo(new[] { rows[order[i]][2], rows[order[i]][0] }));
        }
    }

    [TestCase("text,label\na,1\nb\n", "row 1 has 1 fields, and there are 2 columns")]
    [TestCase("text,text\na,1\n", "two columns called 'text'")]
    [TestCase("text,label\n", "and no row")]
    [TestCase("", "is empty")]
    public void WhatDoesNotFitIsNamed(string text, string sentence)
    {
        InputException exception = Assert.Throws<InputException>(() =>
        {
            using CsvSource source = Open(text);
            source.Read([0, 1], ["text"]);
        })!;
        Assert.That(exception.Message, Does.Contain(sentence).And.Contain("data.csv"));
    }

    [Test]
    public void BytesThatAreNoUtf8AreNamedWithTheirRow()
    {
        using CsvSource source = CsvSource.Open(_folder.Write("data.csv", [.. "text\nok\n"u8, 0xE9, (byte)'\n']));
        Assert.That(source.Read(0, "text"), Is.EqualTo(new[] { "ok" }));
        Assert.That(
            Assert.Throws<InputException>(() => source.Read(1, "text"))!.Message, Does.Contain("row 1 is not UTF-8: 0xe9"));
    }

    private CsvSource Open(string text) => CsvSource.Open(_folder.Write("data.csv", text));
}
