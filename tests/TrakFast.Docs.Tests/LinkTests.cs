using System.Text.RegularExpressions;

namespace TrakFast.Docs.Tests;

/// <summary>Links lead somewhere, and every page can be reached.</summary>
public sealed partial class LinkTests
{
    private const string Project = "https://github.com/";

    private static IEnumerable<TestCaseData> Pages => Page.All.Select(static page => new TestCaseData(page).SetArgDisplayNames(page.Path));

    [TestCaseSource(nameof(Pages))]
    public void EveryLinkIntoTheRepositoryLeadsSomewhere(object shown)
    {
        Page page = (Page)shown;
        Assert.Multiple(() =>
        {
            foreach (string link in page.Links) Assert.That(Trouble(page, link), Is.Null, $"{page.Path} links {link}");
        });
    }

    [TestCaseSource(nameof(Pages))]
    public void EveryPathInASentenceIsThere(object shown)
    {
        IEnumerable<string> paths = ((Page)shown).Spans.Where(static span => PathSpans().IsMatch(span));
        Assert.That(paths.Where(static path => !Repository.Has(path)), Is.Empty);
    }

    [TestCaseSource(nameof(Pages))]
    public void EveryBlockSaysItsLanguage(object shown) =>
        Assert.That(
            ((Page)shown).Blocks
                .Where(static b => b.Language is not ("csharp" or "sh" or "python" or "xml" or "json" or "text"))
                .Select(static b => $"{b} «{b.Language}»"),
            Is.Empty);

    [Test]
    public void TheReadmeStaysShort() => Assert.That(File.ReadLines(Repository.Full("README.md")).Count(), Is.LessThanOrEqualTo(170));

    [Test]
    public void TheArchitecturePageAnswersThirteenQuestionsWithOneLinkEach()
    {
        string[] answers = [.. File.ReadLines(Repository.Full("docs/architecture.md"))
            .Where(static line => line.StartsWith("| ", StringComparison.Ordinal) && line.Contains("? |", StringComparison.Ordinal))];
        Assert.Multiple(() =>
        {
            Assert.That(answers, Has.Length.EqualTo(13));
            foreach (string answer in answers) Assert.That(TableLinks().Count(answer), Is.EqualTo(1), answer);
        });
    }

    private static string? Trouble(Page page, string link)
    {
        if (link.StartsWith(Project, StringComparison.Ordinal))
        {
            // A package's page cannot link relatively; what it links of this repository is checked all the same.
            Match own = OwnLinks().Match(link);
            return own.Success ? Trouble(own.Groups[1].Value, own.Groups[2].Value) : null;
        }

        if (link.Contains("://", StringComparison.Ordinal)) return null;
        if (page.Path.EndsWith("PACKAGE.md", StringComparison.Ordinal)) return "a package's page needs whole addresses";
        return Trouble(page.PathOf(link)!, link.Split('#', 2) is [_, string anchor] ? anchor : string.Empty);
    }

    private static string? Trouble(string path, string anchor)
    {
        if (!Repository.Has(path)) return $"there is no {path}";
        if (anchor.Length == 0) return null;
        return Page.All.FirstOrDefault(p => p.Path == path) is { } target && target.Anchors.Contains(anchor)
            ? null
            : $"{path} has no heading #{anchor}";
    }

    [GeneratedRegex(@"^(?:src|kernels|tests|samples|benchmarks|docs|eng)/[\w./-]+$")]
    private static partial Regex PathSpans();

    [GeneratedRegex(@"\]\(")]
    private static partial Regex TableLinks();

    [GeneratedRegex("^https://github\\.com/[^/]+/[Tt]rak[Ff]ast/(?:blob|tree)/main/([^#]+)#?(.*)$")]
    private static partial Regex OwnLinks();
}
