using Microsoft.ML;
using Microsoft.ML.Data;
using TrakFast.Datasets;
using TrakFast.ML.Tests.Support;

namespace TrakFast.ML.Tests;

public sealed class DataViewValuesTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Test]
    public void NumbersOfEveryTypeAreWholeOrNot()
    {
        IDataView view = _ml.Data.LoadFromEnumerable(
        [
            new Numbers
            {
                A = sbyte.MinValue, B = byte.MaxValue, C = short.MinValue, D = ushort.MaxValue, E = int.MinValue, F = uint.MaxValue,
                G = long.MinValue, H = 5, I = 0.1f, J = 0.1, K = true,
            },
        ]);
        string[] values = [.. "ABCDEFGHIJK".Select(name => Values.Column(view, $"{name}")[0])];
        Assert.That(values, Is.EqualTo(new[]
        {
            "Int64 -128", "Int64 255", "Int64 -32768", "Int64 65535", "Int64 -2147483648", "Int64 4294967295", "Int64 -9223372036854775808",
            "Int64 5", "Double 0.10000000149011612", "Double 0.1", "Boolean True",
        }));
    }

    [Test]
    public void AWholeNumberBeyondInt64IsAboutRight() => Assert.That(
        Values.Column(_ml.Data.LoadFromEnumerable([new Numbers { H = ulong.MaxValue }]), "H"), Is.EqualTo(new[] { "Double 1.8446744073709552E+19" }));

    [Test]
    public void TextsAreThemselves() => Assert.That(
        Values.Column(_ml.Data.LoadFromEnumerable([new Worded("é\n€"), new Worded(""), new Worded("🙂 b")]), "Text"),
        Is.EqualTo(new[] { "\"é\n€\"", "\"\"", "\"🙂 b\"" }));

    [Test]
    public void VectorsAreListsWhetherDenseOrSparse()
    {
        IDataView view = _ml.Data.LoadFromEnumerable(
        [
            new Vectors { Dense = [0.5f, -1], Sparse = new VBuffer<float>(5, 2, [2f, 3f], [1, 4]), Whole = [7, 8], Truths = [true, false],
                Wide = [0.1] },
            new Vectors { Dense = [1, 2], Sparse = new VBuffer<float>(5, 0, [], []), Whole = [], Truths = [false], Wide = [] },
        ]);
        Assert.Multiple(() =>
        {
            Assert.That(Values.Column(view, "Dense"), Is.EqualTo(new[] { "[Double 0.5, Double -1]", "[Double 1, Double 2]" }));
            Assert.That(Values.Column(view, "Sparse"), Is.EqualTo(new[]
            {
                "[Double 0, Double 2, Double 0, Double 0, Double 3]", "[Double 0, Double 0, Double 0, Double 0, Double 0]",
            }));
            Assert.That(Values.Column(view, "Whole"), Is.EqualTo(new[] { "[Int64 7, Int64 8]", "[]" }));
            Assert.That(Values.Column(view, "Truths"), Is.EqualTo(new[] { "[Boolean True, Boolean False]", "[Boolean False]" }));
            Assert.That(Values.Column(view, "Wide"), Is.EqualTo(new[] { "[Double 0.1]", "[]" }));
        });
    }

    [Test]
    public void AVectorFillsAnInputOfItsLength()
    {
        IDataView view = _ml.Data.LoadFromEnumerable([new Vectors { Sparse = new VBuffer<float>(5, 2, [2f, 3f], [1, 4]) }]);
        using SourceDataset set = new(
            new DataViewSource(view), [new NumberField(["Sparse"], new FieldArray("x", Kernels.ElementType.Float32, [5]))]);
        Assert.That(set.Read(0, 1)["x"].ToFloats(), Is.EqualTo(new[] { 0f, 2, 0, 0, 3 }));
    }

    [Test]
    public void AKeyIsItsClassFromZeroWithTheNameOfItsValue()
    {
        IDataView view = Keyed([new Worded("pear"), new Worded("apple"), new Worded("pear")]);
        Assert.That(Values.Column(view, "Key"), Is.EqualTo(new[] { "Int64 0", "Int64 1", "Int64 0" }));
        using DataViewSource source = new(view);
        Assert.That(source.LabelNames("Key"), Is.EqualTo(new[] { "pear", "apple" }));
        Assert.That(source.LabelNames("Text"), Is.Null);
    }

    [Test]
    public void AValueThatIsNoKeysIsMissing()
    {
        IDataView known = _ml.Data.LoadFromEnumerable([new Worded("pear"), new Worded("apple")]);
        IDataView view = _ml.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(known)
            .Transform(_ml.Data.LoadFromEnumerable([new Worded("plum"), new Worded("apple")]));
        Assert.That(Values.Column(view, "Key"), Is.EqualTo(new[] { "null", "Int64 1" }));
        using SourceDataset set = new(new DataViewSource(view), [new LabelField("label", "Key", ClassNumbers.Of(new DataViewSource(view), "Key", null))]);
        Assert.That(set.FindDamaged(), Is.EqualTo(new[] { (0L, "the data view, row 0 has no label in the column 'Key'.") }));
    }

    [TestCase("A", new[] { "3", "-2" })]
    [TestCase("E", new[] { "30", "-20" })]
    [TestCase("I", new[] { "0.5", "-1.5" })]
    [TestCase("J", new[] { "0.1", "1E+20" })]
    [TestCase("K", new[] { "True", "False" })]
    public void KeysOfNumbersAreNamedByThem(string column, string[] names)
    {
        IDataView view = _ml.Data.LoadFromEnumerable(
        [
            new Numbers { A = 3, E = 30, I = 0.5f, J = 0.1, K = true }, new Numbers { A = -2, E = -20, I = -1.5f, J = 1e20, K = false },
        ]);
        view = _ml.Transforms.Conversion.MapValueToKey("Key", column).Fit(view).Transform(view);
        using DataViewSource source = new(view);
        Assert.That(source.LabelNames("Key"), Is.EqualTo(names));
        Assert.That(Values.Column(view, "Key"), Is.EqualTo(new[] { "Int64 0", "Int64 1" }));
    }

    [Test]
    public void KeysWithoutValuesHaveNumbersAlone()
    {
        IDataView view = _ml.Data.LoadFromEnumerable([new Keys { Small = 2, Large = 5000 }, new Keys { Small = 5, Large = 9 }]);
        using DataViewSource source = new(view);
        Assert.That(view.Schema["Small"].Type + " " + view.Schema["Large"].Type, Is.EqualTo("Key<Byte, 0-4> Key<UInt64, 0-999>"));
        Assert.That(source.LabelNames("Small"), Is.Null);
        Assert.That(Values.Column(view, "Small"), Is.EqualTo(new[] { "Int64 2", "null" }));
        Assert.That(Values.Column(view, "Large"), Is.EqualTo(new[] { "null", "Int64 9" }));
    }

    private IDataView Keyed(Worded[] rows)
    {
        IDataView view = _ml.Data.LoadFromEnumerable(rows);
        return _ml.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(view).Transform(view);
    }

    private sealed class Worded(string text)
    {
        public Worded()
            : this(string.Empty)
        {
        }

        public string Text { get; set; } = text;
    }

    private sealed class Keys
    {
        [KeyType(5)]
        public byte Small { get; set; }

        [KeyType(1000)]
        public ulong Large { get; set; }
    }

    private sealed class Vectors
    {
        [VectorType(2)]
        public float[] Dense { get; set; } = [0, 0];

        [VectorType(5)]
        public VBuffer<float> Sparse { get; set; } = new(5, 0, [], []);

        public short[] Whole { get; set; } = [];

        public bool[] Truths { get; set; } = [];

        public double[] Wide { get; set; } = [];
    }

    private sealed class Numbers
    {
        public sbyte A { get; set; }

        public byte B { get; set; }

        public short C { get; set; }

        public ushort D { get; set; }

        public int E { get; set; }

        public uint F { get; set; }

        public long G { get; set; }

        public ulong H { get; set; }

        public float I { get; set; }

        public double J { get; set; }

        public bool K { get; set; }
    }
}
