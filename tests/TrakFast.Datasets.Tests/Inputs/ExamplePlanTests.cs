using TrakFast.Datasets.Tests.Support;
using TrakFast.Kernels;

namespace TrakFast.Datasets.Tests.Inputs;

/// <summary>What goes to which input of a model, and what the arrays then hold.</summary>
internal sealed class ExamplePlanTests
{
    private static readonly ModelInput Ids = new("input_ids", ElementType.Int64, [null, null]);
    private static readonly ModelInput Mask = new("attention_mask", ElementType.Int64, [null, null]);
    private static readonly ModelInput Types = new("token_type_ids", ElementType.Int64, [null, null]);
    private static readonly ModelInput Image = new("pixel_values", ElementType.Float32, [null, 3, null, null]);
    private Folder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new Folder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void APairOfTextsHasTypesAndAMask()
    {
        Batch batch = Read("premise,hypothesis,label\nthe film,great,yes\nthe film was great,dull,no\n", [Ids, Mask, Types], LabelKind.Classes, Tokens());
        Assert.That(batch["input_ids"].Shape, Is.EqualTo(new long[] { 2, 8 }));
        Assert.That(batch["attention_mask"].ToLongs(), Is.EqualTo(new long[] { 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 }));
        Assert.That(batch["token_type_ids"].ToLongs(), Is.EqualTo(new long[] { 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1 }));
        Assert.That(batch["label"].ToLongs(), Is.EqualTo(new long[] { 1, 0 }), "words are numbered in their ordinal order");
    }

    [Test]
    public void TextsAreCutAndPaddedToTheModelsOwnLength()
    {
        ModelInput ids = new("tokens", ElementType.Int32, [null, 5]);
        Batch batch = Read("text,label\nthe film,1\nthe film was great and the music was dull,0\n", [ids], LabelKind.Classes, Tokens());
        Assert.That(batch["tokens"].Shape, Is.EqualTo(new long[] { 2, 5 }));
        long[] values = batch["tokens"].ToLongs();
        Assert.That((values[4], values[9]), Is.EqualTo((0L, 3L)), "padding ends the first, [SEP] the second");
    }

    [Test]
    public void ALanguageModelPredictsItsTokensAndNoPadding()
    {
        Batch batch = Read("text\nthe film\nthe film was great\n", [new ModelInput("ids", ElementType.Int64, [null, null])], LabelKind.Tokens, Tokens());
        Assert.That(batch["labels"].ToLongs()[..6], Is.EqualTo(batch["ids"].ToLongs()[..4].Concat([-100L, -100L])));
        Assert.That(batch["attention_mask"].ToLongs()[..6], Is.EqualTo(new long[] { 1, 1, 1, 1, 0, 0 }));
    }

    [Test]
    public void SeveralColumnsOfLabelsAreTheValuesOfARegression()
    {
        DataOptions options = new() { Columns = Columns(("label", ["width", "height"])) };
        Batch batch = Read(
            "a,b,width,height\n1,2,0.5,3\n4,5,-1e3,7\n", [new ModelInput("x", ElementType.Float32, [null, 2])], LabelKind.Values, options);
        Assert.That(batch["x"].ToFloats(), Is.EqualTo(new float[] { 1, 2, 4, 5 }));
        Assert.That(batch["label"].ToFloats(), Is.EqualTo(new[] { 0.5f, 3, -1000, 7 }));
        Assert.That(batch["label"].Shape, Is.EqualTo(new long[] { 2, 2 }));
    }

    [Test]
    public void AnInputMayBeNamed()
    {
        DataOptions options = new() { Inputs = new Dictionary<string, string> { ["x"] = "b+a" } };
        Batch batch = Read("a,b,label\n1,2,0\n", [new ModelInput("x", ElementType.Float32, [null, null])], LabelKind.Classes, options);
        Assert.That(batch["x"].ToFloats(), Is.EqualTo(new float[] { 2, 1 }));
    }

    [TestCase("a,b,label\n1,x,0\n", "The column 'b' holds no numbers")]
    [TestCase("a,b,label\n1,2,0\n3,,1\n", "row 1 has '' in the column 'b', where a number is wanted")]
    [TestCase("a,b,label\n1,2,0\n3,nan,1\n", "every number must be finite")]
    [TestCase("a,b,label\n1,2,0\n3,4,\n", "row 1 has no label in the column 'label'")]
    public void WhatIsNoNumberIsNamed(string text, string sentence)
    {
        DataOptions options = new() { Inputs = new Dictionary<string, string> { ["x"] = "a+b" } };
        Assert.That(
            () => Read(text, [new ModelInput("x", ElementType.Float32, [null, 2])], LabelKind.Classes, options),
            Throws.TypeOf<InputException>().With.Message.Contains(sentence));
    }

    [Test]
    public void TargetsAreNumberedAsTheTrainingExamplesAre()
    {
        using RowSource train = DataSource.Open(_folder.Write("train.csv", "x,label\n1,b\n2,a\n3,c\n"));
        ExamplePlan plan = ExamplePlan.Make(
            [new ModelInput("x", ElementType.Float32, [null, 1])], LabelKind.Classes, train, null, new DataOptions());
        using SourceDataset known = new(DataSource.Open(_folder.Write("target.csv", "x,label\n1,c\n")), plan.Fields);
        Assert.That(known.Read(0, 1)["label"].ToLongs(), Is.EqualTo(new long[] { 2 }));
        using SourceDataset strange = new(DataSource.Open(_folder.Write("other.csv", "x,label\n1,d\n")), plan.Fields);
        Assert.That(() => strange.Read(0, 1), Throws.TypeOf<InputException>().With.Message.Contains("the label 'd', which is not one of a, b, c"));
    }

    [Test]
    public void PicturesMayBePathsOrBytesOrStructures()
    {
        byte[] png = PictureThumbnail.ToPng(new Picture(2, 1, [10, 20, 30, 40, 50, 60]));
        _folder.Write("pictures/a.png", png);
        float[] expected = [10 / 255f, 40 / 255f, 20 / 255f, 50 / 255f, 30 / 255f, 60 / 255f];
        Assert.That(Read("file_path,label\npictures/a.png,1\n", [Image], LabelKind.Classes)["pixel_values"].ToFloats(), Is.EqualTo(expected));

        string parquet = _folder["rows.parquet"];
        RowsFile.Write(parquet, ["image", "label"], [[png, 1L]]);
        Assert.That(Read(DataSource.Open(parquet), [Image], LabelKind.Classes)["pixel_values"].ToFloats(), Is.EqualTo(expected));
    }

    [Test]
    public void PicturesOfSeveralSizesNeedPreparation()
    {
        _folder.Write("p/a.png", PictureThumbnail.ToPng(new Picture(2, 1, [10, 20, 30, 40, 50, 60])));
        _folder.Write("p/b.png", PictureThumbnail.ToPng(new Picture(1, 2, [10, 20, 30, 40, 50, 60])));
        Assert.That(
            () => Read(DataSource.Open(_folder["p"]), [Image], LabelKind.None),
            Throws.TypeOf<InputException>().With.Message.Contains("b.png is 2 × 1 pixels").And.Message.Contains("--resize"));
        DataOptions resized = new() { Pictures = new PicturePreprocessing { Size = PictureSize.Exact(4, 4) } };
        Assert.That(Read(DataSource.Open(_folder["p"]), [Image], LabelKind.None, resized)["pixel_values"].Shape, Is.EqualTo(new long[] { 2, 3, 4, 4 }));
    }

    [Test]
    public void DamagedRowsAreFoundWhereverTheyStand()
    {
        byte[] png = PictureThumbnail.ToPng(new Picture(2, 1, [10, 20, 30, 40, 50, 60]));
        _folder.Write("p/a.png", png[..30]);
        _folder.Write("p/b.png", png);
        RowSource source = DataSource.Open(_folder["p"]);
        using SourceDataset pictures = new(source, ExamplePlan.Make([Image], LabelKind.None, source, null, new DataOptions()).Fields);
        Assert.That(pictures.FindDamaged().Select(static d => d.Row), Is.EqualTo(new[] { 0L }));

        RowSource lines = DataSource.Open(_folder.Write("rows.jsonl", "{\"x\": 1, \n{\"x\": 2, \"label\": 1}\n{\"x\": \"?\", \"label\": 0}\n"));
        ExamplePlan plan = ExamplePlan.Make([new ModelInput("x", ElementType.Float32, [null, 1])], LabelKind.Classes, lines, null,
            new DataOptions());
        using SourceDataset rows = new(lines, plan.Fields);
        Assert.That(rows.FindDamaged().Select(static d => d.Row), Is.EqualTo(new[] { 0L, 2L }));
        using SourceDataset kept = new(SelectedRows.Without(DataSource.Open(_folder["rows.jsonl"]), [0, 2]), plan.Fields);
        Assert.That(kept.Read(0, kept.Count)["x"].ToFloats(), Is.EqualTo(new[] { 2f }));
    }

    [Test]
    public void ChannelsMayComeLast()
    {
        _folder.Write("p/a.png", PictureThumbnail.ToPng(new Picture(2, 1, [10, 20, 30, 40, 50, 60])));
        Batch batch = Read(DataSource.Open(_folder["p"]), [new ModelInput("image", ElementType.Float32, [null, null, null, 3])], LabelKind.None);
        Assert.That(batch["image"].ToFloats().Select(static v => (int)MathF.Round(v * 255)), Is.EqualTo(new[] { 10, 20, 30, 40, 50, 60 }));
    }

    [Test]
    public void WhatIsKeptInMemoryChangesNothing()
    {
        Random random = new(1);
        string text = "x,y,label\n" + string.Concat(Enumerable.Range(0, 700).Select(_ => $"{random.NextDouble():R},{random.NextDouble():R},{random.Next(3)}\n"));
        string path = _folder.Write("data.csv", text);
        ModelInput[] inputs = [new ModelInput("z", ElementType.Float32, [null, 2])];
        using SourceDataset all = Open(path, long.MaxValue), some = Open(path, 20_000), none = Open(path, 0);
        foreach (SourceDataset set in new[] { all, some, none })
        {
            set.Check();
            long[] rows = [5, 699, 0, 256, 255, 5];
            Assert.That(set.Read(rows)["z"].ToFloats(), Is.EqualTo(none.Read(rows)["z"].ToFloats()));
        }

        Assert.That(all.Hash(), Is.EqualTo(none.Hash()).And.Contains("source=").And.Contains("z=").And.Contains("label="));

        SourceDataset Open(string file, long bytes)
        {
            RowSource source = DataSource.Open(file);
            return new SourceDataset(
                source, ExamplePlan.Make(inputs, LabelKind.Classes, source, null, new DataOptions()).Fields,
                    new SourceDatasetOptions { KeptBytes = bytes });
        }
    }

    private static DataOptions Tokens() => new()
    {
        Tokenizer = TextTokenizer.Read(Path.Combine(FixtureFolder.Path, "..", "..", "samples", "data", "vocab.txt")),
    };

    private static Dictionary<string, IReadOnlyList<string>> Columns(params (string Role, string[] Names)[] columns) =>
        columns.ToDictionary(static c => c.Role, static c => (IReadOnlyList<string>)c.Names);

    private Batch Read(string csv, ModelInput[] inputs, LabelKind labels, DataOptions? options = null) =>
        Read(DataSource.Open(_folder.Write("data.csv", csv)), inputs, labels, options);

    private static Batch Read(RowSource source, ModelInput[] inputs, LabelKind labels, DataOptions? options = null)
    {
        ExamplePlan plan = ExamplePlan.Make(inputs, labels, source, null, options ?? new DataOptions());
        using SourceDataset set = new(source, plan.Fields);
        return set.Read(0, set.Count);
    }
}
