using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace TrakFast.Docs.Tests;

/// <summary>A page of Markdown: what of it can be wrong.</summary>
internal sealed class Page
{
    private static readonly MarkdownPipeline Pipeline =
        new MarkdownPipelineBuilder().UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).Build();

    /// <summary>Reads a page.</summary>
    /// <param name="path">Its path in the repository.</param>
    public Page(string path)
    {
        Path = path;
        MarkdownDocument document = Markdown.Parse(Repository.Read(path), Pipeline);
        Blocks = [.. document.Descendants<CodeBlock>().Select(block => new PageBlock(path, block))];
        Links = [.. document.Descendants<LinkInline>().Select(static link => link.Url ?? string.Empty)];
        Spans = [.. document.Descendants<CodeInline>().Select(static span => span.Content)];
        Anchors = [.. document.Descendants<HeadingBlock>().Select(static heading => heading.GetAttributes().Id ?? string.Empty)];
    }

    /// <summary>Every page that ships: the README, the documentation, and what packages show.</summary>
    public static IReadOnlyList<Page> All { get; } =
    [
        .. new[]
        {
            "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/README.md",
            "eng/fixtures/README.md", "tests/fixtures/README.md"
        }
            .Where(Repository.Has)
            .Concat(
                Directory.EnumerateFiles(Repository.Full("docs"), "*.md", SearchOption.AllDirectories)
                    .Select(static file => System.IO.Path.GetRelativePath(Repository.Full(""), file).Replace('\\', '/')))
            .Concat(new[] { "src", "kernels", "samples" }.Where(Repository.Has).SelectMany(PackagePages))
            .Order(StringComparer.Ordinal)
            .Select(static path => new Page(path)),
    ];

    /// <summary>Path in the repository.</summary>
    public string Path { get; }

    /// <summary>Blocks of code.</summary>
    public IReadOnlyList<PageBlock> Blocks { get; }

    /// <summary>Where links and pictures lead.</summary>
    public IReadOnlyList<string> Links { get; }

    /// <summary>Code within a line.</summary>
    public IReadOnlyList<string> Spans { get; }

    /// <summary>Anchors of headings, as GitHub makes them.</summary>
    public IReadOnlyList<string> Anchors { get; }

    /// <summary>The page of that path.</summary>
    public static Page Of(string path) => All.Single(page => page.Path == path);

    /// <summary>The path in the repository that a relative link leads to; null for a link out of it.</summary>
    public string? PathOf(string link)
    {
        if (link.Contains("://", StringComparison.Ordinal)) return null;
        string file = link.Split('#')[0];
        return file.Length == 0
            ? Path
            : System.IO.Path.GetRelativePath(
                Repository.Root, Repository.Full(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, file))).Replace('\\', '/');
    }

    /// <inheritdoc/>
    public override string ToString() => Path;

    // PACKAGE.md is what a package shows; a sample may have a README.
    private static IEnumerable<string> PackagePages(string folder) =>
        from project in Directory.EnumerateDirectories(Repository.Full(folder))
        from name in new[] { "PACKAGE.md", "README.md" }
        let path = $"{folder}/{System.IO.Path.GetFileName(project)}/{name}"
        where Repository.Has(path)
        select path;
}
