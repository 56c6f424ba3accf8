using TrakFast.Datasets.Tests.Support;

namespace TrakFast.Datasets.Tests.Sources;

/// <summary>The same rows as DuckDB wrote them as Parquet and as JSON, which has no levels to get wrong.</summary>
internal sealed class ParquetSourceTests
{
    private static readonly string[] Columns =
        ["id", "text", "value", "label", "even", "document", "vector", "messages", "image.bytes", "document.title", "document.inner.body"];

    [TestCase("snappy")]
    [TestCase("zstd")]
    [TestCase("gzip")]
    [TestCase("lz4_raw")]
    [TestCase("brotli")]
    [TestCase("uncompressed")]
    public void RowsAreThoseOfTheJsonFile(string codec)
    {
        using ParquetSource parquet = ParquetSource.Open(Table($"{codec}.parquet"));
        using JsonLinesSource json = JsonLinesSource.Open(Table("rows.jsonl"));
        Assert.That(parquet.Columns, Is.EqualTo(json.Columns));
        string[] rows = Values.Rows(parquet, Columns);
        Assert.That(rows, Is.EqualTo(Values.Rows(json, Columns)));
        Assert.That(rows, Has.Length.EqualTo(50).And.Some.Contains("message 2.2").And.Some.Contains("🙂"));
    }

    [Test]
    public void RowsOfSeveralGroupsComeInTheOrderAskedFor()
    {
        using ParquetSource source = ParquetSource.Open(Table("snappy.parquet"));
        long[] order = [49, 0, 21, 20, 19, 40];
        Assert.That(source.Read(order, ["id"]).Select(static r => r[0]), Is.EqualTo(order));
    }

    [Test]
    public void NamesOfHuggingFacesClassesAreRead()
    {
        using Folder folder = new();
        string path = folder["data.parquet"];
        WriteWithMetadata(path, """{"info": {"features": {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}, "text": {"dtype": "string"}}}}""");
        using ParquetSource source = ParquetSource.Open(path);
        Assert.That(source.LabelNames("label"), Is.EqualTo(new[] { "cat", "dog" }));
        Assert.That(source.LabelNames("text"), Is.Null);
    }

    [Test]
    public void MissingColumnsAreNamedWithThoseThatAreThere()
    {
        using ParquetSource source = ParquetSource.Open(Table("snappy.parquet"));
        Assert.That(source.Has("document.inner.body") && !source.Has("document.none"));
        Assert.That(
            Assert.Throws<InputException>(() => source.Read(0, "txt"))!.Message, Does.Contain("has no column 'txt'; it has id, text"));
    }

    private static string Table(string name) => Path.Combine(FixtureFolder.Path, "tables", name);

    private static void WriteWithMetadata(string path, string text)
    {
        Parquet.Schema.DataField<long> label = new("label");
        using FileStream stream = File.Create(path);
        Parquet.ParquetWriter writer =
            Parquet.ParquetWriter.CreateAsync(new Parquet.Schema.ParquetSchema(label), stream).GetAwaiter().GetResult();
        writer.CustomMetadata = new Dictionary<string, string> { ["huggingface"] = text };
        using (Parquet.ParquetRowGroupWriter group = writer.CreateRowGroup())
        {
            group.WriteAsync<long>(label, new long[] { 0, 1 }.AsMemory()).GetAwaiter().GetResult();
        }

        writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
