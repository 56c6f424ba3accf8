using TrakFast.Kernels;

namespace TrakFast.Tests.Words;

/// <summary>One table for each vocabulary, complete, and with no word for what it does not know.</summary>
public sealed class WordTableTests
{
    [Test]
    public void EveryValueHasAWordAndComesBackFromIt()
    {
        Complete(TrakWords.Projections);
        Complete(TrakWords.Weightings);
        Complete(TrakWords.Scalings);
        Assert.That(TrakWords.Precisions.Words, Is.EqualTo(new[] { "float32", "bfloat16", "float16" }));
        Assert.That(TrakWords.Precisions.Parse("bfloat16"), Is.EqualTo(ElementType.BFloat16));

        static void Complete<T>(WordTable<T> table)
            where T : struct, Enum
        {
            Assert.That(table.Values, Is.EquivalentTo(Enum.GetValues<T>()));
            foreach (T value in table.Values) Assert.That(table.Parse(table.Word(value)), Is.EqualTo(value));
        }
    }

    [Test]
    public void DefaultsStandFirst()
    {
        TrakOptions defaults = new();
        Assert.That(TrakWords.Projections.Values[0], Is.EqualTo(defaults.Projection));
        Assert.That(TrakWords.Weightings.Values[0], Is.EqualTo(defaults.Weighting));
        Assert.That(TrakWords.Scalings.Values[0], Is.EqualTo(defaults.Scaling));
        Assert.That(TrakWords.Precisions.Values[0], Is.EqualTo(defaults.Precision));
    }

    [TestCase("")]
    [TestCase("SJLT")]
    [TestCase("fjlt")]
    public void AnUnknownWordIsAnError(string word)
    {
        Assert.That(
            () => TrakWords.Projections.Parse(word),
            Throws.InstanceOf<TrakException>().With.Message.Contains($"'{word}'").And.Message.Contains("rademacher"));
        Assert.That(TrakWords.Projections.TryParse(word, out _), Is.False);
        Assert.That(() => TrakWords.Projections.Word((ProjectionKind)99), Throws.InstanceOf<TrakException>().With.Message.Contains("99"));
        Assert.That(() => TrakWords.Precisions.Word(ElementType.Int32), Throws.InstanceOf<TrakException>());
        Assert.That(() => ProjectionFamily.Of((ProjectionKind)99), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
