using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using TrakFast.ML.Tests.Support;

namespace TrakFast.ML.Tests;

public sealed class DataViewSourceTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Test]
    public void RowsInOrderAreOnePassAndGoingBackIsAnother()
    {
        CountedRows rows = new(100);
        using DataViewSource source = new(_ml.Data.LoadFromEnumerable(rows));
        (int passes, int before) = (rows.Passes, rows.Rows);
        for (int i = 0; i < 100; i++) Assert.That(source.Read(i, "Place", "Word"), Is.EqualTo(new object[] { (long)i, $"row {i}" }));
        Assert.That((rows.Passes - passes, rows.Rows - before), Is.EqualTo((1, 100)));
        Assert.That(source.Read(7, "Word"), Is.EqualTo(new[] { "row 7" }));
        Assert.That(rows.Passes - passes, Is.EqualTo(2));
    }

    [Test]
    public void ARowAskedForAgainAndWithOtherColumnsNeedsNoOtherPass()
    {
        CountedRows rows = new(10);
        using DataViewSource source = new(_ml.Data.LoadFromEnumerable(rows));
        int passes = rows.Passes;
        Assert.That(source.Read(4, "Word"), Is.EqualTo(new[] { "row 4" }));
        Assert.That(source.Read(4, "Place"), Is.EqualTo(new object[] { 4L }));
        Assert.That(source.Read(4), Is.Empty);
        Assert.That(source.Read(4, "Word", "Place", "Word"), Is.EqualTo(new object[] { "row 4", 4L, "row 4" }));
        Assert.That(rows.Passes - passes, Is.EqualTo(1));
    }

    [Test]
    public void RowsComeInTheOrderThatTheyWereAskedForIn()
    {
        CountedRows rows = new(50);
        using DataViewSource source = new(_ml.Data.LoadFromEnumerable(rows));
        int passes = rows.Passes;
        long[] asked = [30, 2, 49, 2, 0, 31];
        Assert.That(source.Read(asked, ["Place"]).Select(static r => r[0]), Is.EqualTo(asked));
        Assert.That(rows.Passes - passes, Is.EqualTo(1), "however they are shuffled, the cursor goes forward");
        asked = [.. Enumerable.Range(0, 50).Select(static i => 49L - i)];
        Assert.That(asked.Select(i => source.Read(i, "Place")[0]), Is.EqualTo(asked), "one by one, backwards");
    }

    [Test]
    public void AnyWalkOverTheRowsReadsWhatIsThere([Values(1, 2, 3)] int seed, [Values] bool isCached)
    {
        IDataView view = _ml.Data.LoadFromEnumerable(new CountedRows(40));
        using DataViewSource source = new(isCached ? _ml.Data.Cache(view) : view);
        Random random = new(seed);
        for (int step = 0; step < 300; step++)
        {
            long[] asked = [.. Enumerable.Range(0, random.Next(5)).Select(_ => (long)random.Next(40))];
            Assert.That(source.Read(asked, ["Word"]).Select(static r => r[0]), Is.EqualTo(asked.Select(static i => $"row {i}")));
        }
    }

    [Test]
    public void SeveralThreadsReadAtOnce()
    {
        using DataViewSource source = new(_ml.Data.LoadFromEnumerable(NumberedRow.List(64)));
        object?[] words = new object?[64];
        Parallel.For(0, 64, i => words[i] = source.Read(63 - i, "Place")[0]);
        Assert.That(words, Is.EqualTo(Enumerable.Range(0, 64).Select(static i => 63L - i)));
    }

    [Test]
    public void RowsAreCountedWhereTheViewDoesNotKnow()
    {
        IDataView view = _ml.Data.LoadFromEnumerable(new CountedRows(17));
        Assert.That(view.GetRowCount(), Is.Null);
        using DataViewSource source = new(view);
        Assert.That(source.Count, Is.EqualTo(17));
        IDataView some = _ml.Transforms.Conversion.ConvertType("Real", "Place").Fit(view).Transform(view);
        using DataViewSource filtered = new(_ml.Data.FilterRowsByColumn(some, "Real", 3, 9));
        Assert.That(filtered.Count, Is.EqualTo(6));
    }

    [Test]
    public void ColumnsThatCannotBeReadAreLeftOut()
    {
        using DataViewSource source = new(_ml.Data.LoadFromEnumerable([new Mixed { Name = "a", When = DateTime.UnixEpoch, Tags = ["x", "y"] }]));
        Assert.That(source.Columns, Is.EqualTo(new[] { "Name" }));
        Assert.That((source.Has("Name"), source.Has("When")), Is.EqualTo((true, false)));
        Assert.That(
            () => source.Read(0, "When"),
            Throws.InstanceOf<InputException>().With.Message.EqualTo("the data view has no column 'When'; it has Name."));
    }

    [Test]
    public void AViewWithoutColumnsOrRowsIsRefused()
    {
        Assert.That(
            () => new DataViewSource(_ml.Data.LoadFromEnumerable([new Dated()]), "the dates"),
            Throws.InstanceOf<InputException>().With.Message.EqualTo("No column of the dates can be read; it has When (DateTime)."));
        Assert.That(
            () => new DataViewSource(_ml.Data.LoadFromEnumerable<NumberedRow>([]), "the list"),
            Throws.InstanceOf<InputException>().With.Message.EqualTo("the list has no row."));
    }

    [Test]
    public void AHiddenColumnIsNotSeenAndTheLastOfANameIs()
    {
        IDataView view = _ml.Transforms.CopyColumns("Word", "Place").Fit(Numbered(3)).Transform(Numbered(3));
        using DataViewSource source = new(view);
        Assert.That(source.Columns, Is.Unique.And.EquivalentTo(new[] { "Place", "Word" }));
        Assert.That(source.Read(2, "Word"), Is.EqualTo(new object[] { 2L }));
    }

    [Test]
    public void WhatAViewThrowsIsOneSentence()
    {
        IDataView view = Mapped(static place => place % 3 == 1 ? throw new IOException($"disk {place} is gone.\nat once") : place);
        using DataViewSource source = new(view, "the view");

        // ML.NET may compute rows ahead on threads of its own, so that another row's failure can come first.
        for (int again = 0; again < 2; again++)
            Assert.That(
                () => source.Read(4, "Place", "Made"),
                Throws.TypeOf<InputException>().With.Message.Match(@"^the view, row 4 cannot be read: disk \d is gone\.$")
                    .And.InnerException.TypeOf<IOException>());
    }

    [Test]
    public void WhatIsThrownWhileRowsAreCountedIsASentence()
    {
        IDataView view = _ml.Data.LoadFromEnumerable(Failing(new InvalidDataException("no such page")));
        Assert.That(
            () => new DataViewSource(view, "the feed"),
            Throws.TypeOf<InputException>().With.Message.EqualTo("the feed cannot be read: no such page."));
    }

    [Test]
    public void ACallersStopIsNoFault() => Assert.That(
        () => new DataViewSource(_ml.Data.LoadFromEnumerable(Failing(new OperationCanceledException()))),
            Throws.InstanceOf<OperationCanceledException>());

    [Test]
    public void AViewThatBecameShorterIsASentence()
    {
        List<NumberedRow> rows = NumberedRow.List(9);
        using DataViewSource source = new(_ml.Data.LoadFromEnumerable(rows.Where(static _ => true)));
        rows.RemoveRange(5, 4);
        Assert.That(
            () => source.Read(6, "Place"),
            Throws.TypeOf<InputException>().With.Message.EqualTo("the data view had 9 rows and now ends before row 6."));
        Assert.That(source.Read(4, "Place"), Is.EqualTo(new object[] { 4L }));
    }

    [TestCase(-1)]
    [TestCase(3)]
    public void ThereIsNoRowOutsideTheView(long row)
    {
        using DataViewSource source = new(Numbered(3));
        Assert.That(() => source.Read(row, "Place"), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void EveryValueCountsForTheFingerprint()
    {
        string Print(Action<List<NumberedRow>> change, string? identity = null)
        {
            List<NumberedRow> rows = NumberedRow.List(600);
            change(rows);
            using DataViewSource source = new(_ml.Data.LoadFromEnumerable(rows), identity: identity);
            return source.Fingerprint();
        }

        string print = Print(static _ => { });
        Assert.That(Print(static _ => { }), Is.EqualTo(print).And.Matches("^[0-9a-f]{16}$"));
        Assert.That(Print(static rows => rows[599].Place = 7), Is.Not.EqualTo(print));
        Assert.That(Print(static rows => rows[300].Word += "."), Is.Not.EqualTo(print));
        Assert.That(Print(static rows => rows.Reverse()), Is.Not.EqualTo(print));
        Assert.That(Print(static rows => rows.RemoveAt(0)), Is.Not.EqualTo(print));
        Assert.That(Print(static rows => rows[599].Place = 7, "v1"), Is.EqualTo(Print(static _ => { }, "v1")), "an identity says it all");
        Assert.That(Print(static _ => { }, "v2"), Is.Not.EqualTo(Print(static _ => { }, "v1")));
    }

    private static IEnumerable<NumberedRow> Failing(Exception exception)
    {
        yield return NumberedRow.Of(0);
        throw exception;
    }

    private IDataView Numbered(int count) => _ml.Data.LoadFromEnumerable(NumberedRow.List(count));

    private IDataView Mapped(Func<int, int> map)
    {
        IDataView view = Numbered(9);
        return _ml.Transforms.CustomMapping<NumberedRow,
            Made>((from, to) => to.Value = map(from.Place), contractName: null).Fit(view).Transform(view);
    }

    [SuppressMessage("Performance", "CA1812", Justification = "ML.NET creates it.")]
    private sealed class Made
    {
        [Microsoft.ML.Data.ColumnName("Made")]
        public int Value { get; set; }
    }

    private sealed class Mixed
    {
        public string Name { get; set; } = string.Empty;

        public DateTime When { get; set; }

        public string[] Tags { get; set; } = [];
    }

    private sealed class Dated
    {
        public DateTime When { get; set; }
    }
}
