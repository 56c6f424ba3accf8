using System.Text.Json;
using System.Text.RegularExpressions;

namespace TrakFast.Docs.Tests;

/// <summary>The site, as docs/docfx.json puts it together: all pages are in it, and what they link.</summary>
public sealed partial class SiteTests
{
    private readonly List<Regex> _content = [], _resources = [];

    [OneTimeSetUp]
    public void ReadItsParts()
    {
        using JsonDocument site = JsonDocument.Parse(Repository.Read("docs/docfx.json"));
        JsonElement build = site.RootElement.GetProperty("build");
        _content.AddRange(Patterns(build.GetProperty("content")));
        _resources.AddRange(Patterns(build.GetProperty("resource")));
    }

    [Test]
    public void EveryPageIsInItsContents()
    {
        string[] listed = [.. ContentsLinks().Matches(Repository.Read("docs/toc.yml")).Select(static m => m.Groups[1].Value)];
        string[] pages = [.. Page.All
            .Select(static p => p.Path)
            .Where(static p => p.StartsWith("docs/", StringComparison.Ordinal))
            .Select(static p => p["docs/".Length..])];
        Assert.That(listed.Where(static link => !link.StartsWith("../", StringComparison.Ordinal)), Is.EquivalentTo(pages));
    }

    [Test]
    public void WhatItsPagesLinkIsInItToo()
    {
        Assert.Multiple(() =>
        {
            foreach (Page page in Page.All.Where(p => _content.Any(pattern => pattern.IsMatch(p.Path))))
            {
                foreach (string path in page.Links.Select(page.PathOf).OfType<string>())
                    Assert.That(
                        _content.Concat(_resources).Any(pattern => pattern.IsMatch(path)), Is.True,
                        $"{page} links {path}, which docs/docfx.json leaves out");
            }
        });
    }

    private static IEnumerable<Regex> Patterns(JsonElement parts) =>
        from part in parts.EnumerateArray()
        let folder = part.TryGetProperty("src", out JsonElement source) ? source.GetString()! : "."
        from file in part.GetProperty("files").EnumerateArray()
        select Pattern(
            Path.GetRelativePath(Repository.Root, Repository.Full(Path.Combine("docs", folder))).Replace('\\', '/'), file.GetString()!);

    // ** is any folders, * any characters of a name.
    private static Regex Pattern(string folder, string files) => new(
        $"^{(folder == "." ? string.Empty : Regex.Escape(folder) + "/")}{Regex.Escape(files).Replace(@"\*\*/", "(?:.*/)?", StringComparison.Ordinal).Replace(@"\*\*", ".*", StringComparison.Ordinal).Replace(@"\*", "[^/]*", StringComparison.Ordinal)}$");

    [GeneratedRegex(@"^\s*(?:- )?href: (\S+)", RegexOptions.Multiline)]
    private static partial Regex ContentsLinks();
}
