using TrakFast.Cli.Report;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Sections;
using TrakFast.Cli.Vocabularies;

namespace TrakFast.Cli.Tests.Report;

public sealed class TextViewTests
{
    [Test]
    public void NoTokenBecomesAnElement()
    {
        const string Hostile = "</p><script>alert('x')</script>\"";
        string html = TextView.Write(
            new TokenText([new(RunKind.Text, Hostile), new(RunKind.Special, Hostile), new(RunKind.Unknown, Hostile)], 0), 1000).ToString();
        Assert.That(html, Does.Not.Contain("<script").And.Not.Contain("alert('"));
        Assert.That(html.Split("&lt;/p&gt;&lt;script&gt;"), Has.Length.EqualTo(4));
    }

    [Test]
    public void MarksDoNotDecideTheDirection()
    {
        string html = TextView.Write(new TokenText([new(RunKind.Special, "[CLS]"), new(RunKind.Text, "שלום")], 0), 1000).ToString();
        Assert.That(html, Is.EqualTo("""<p class="text" dir="auto"><bdi class="special">[CLS]</bdi> שלום</p>"""));
    }

    [Test]
    public void ALongTextIsFoldedAtAWord()
    {
        string html = TextView.Write("one two three four five six", 12).ToString();
        Assert.That(html, Does.StartWith("""<details class="text"><summary><span class="beginning" dir="auto">one two …</span>"""));
        Assert.That(html, Does.Contain("""<p dir="auto">one two three four five six</p>"""));
    }

    [Test]
    public void ACharacterIsNotCutInTwo()
    {
        string html = TextView.Write(string.Concat(Enumerable.Repeat("😀", 40)), 25).ToString();
        Assert.That(html.EnumerateRunes().Select(static r => r.Value), Does.Not.Contain(0xFFFD));
    }

    [Test]
    public void MarksBeyondTheFoldAreNotInTheBeginning()
    {
        string html = TextView.Write(
            new TokenText([new(RunKind.Text, new string('x', 30)), new(RunKind.Special, "[SEP]"), new(RunKind.Text, "y")], 7),
            20).ToString();
        Assert.That(html[..html.IndexOf("</summary>", StringComparison.Ordinal)], Does.Not.Contain("[SEP]"));
        Assert.That(html, Does.Contain("… 7 more tokens"));
    }

    [Test]
    public void ARowOfNothingSaysSo() => Assert.That(TextView.Write(new TokenText([], 0), 10).ToString(), Does.Contain("no tokens"));

    [Test]
    public void ReportsOfTextsAndOfPairsReferToNothingOutside()
    {
        foreach (ReportModel model in new[] { SampleTexts.CreateTokens(), SampleTexts.CreatePairs() })
        {
            string html = HtmlReport.Render(model);
            Assert.That(html, Does.Not.Contain("<script").And.Not.Match("https?:"));
            Assert.That(html, Is.EqualTo(HtmlReport.Render(model)));
        }
    }
}
