using Markdig.Syntax;

namespace TrakFast.Docs.Tests;

/// <summary>A block of code on a page.</summary>
internal sealed class PageBlock
{
    /// <summary>Reads a block.</summary>
    /// <param name="page">Path of its page.</param>
    /// <param name="block">The block.</param>
    public PageBlock(string page, CodeBlock block)
    {
        Page = page;
        Line = block.Line + 1;
        Language = (block as FencedCodeBlock)?.Info ?? string.Empty;
        Text = block.Lines.ToString();
    }

    /// <summary>Path of its page.</summary>
    public string Page { get; }

    /// <summary>Its line on the page, from 1.</summary>
    public int Line { get; }

    /// <summary>The language named at its fence; empty without one.</summary>
    public string Language { get; }

    /// <summary>The code.</summary>
    public string Text { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Page}:{Line}";
}
