namespace TrakFast.Datasets;

/// <summary>A part of a regular expression.</summary>
internal abstract record RegexNode
{
    /// <summary>One code point of a set.</summary>
    internal sealed record Set(CodePointSet Points) : RegexNode;

    /// <summary>Parts one after another.</summary>
    internal sealed record Concatenation(IReadOnlyList<RegexNode> Parts) : RegexNode;

    /// <summary>The first of some parts that leads on.</summary>
    internal sealed record Alternation(IReadOnlyList<RegexNode> Parts) : RegexNode;

    /// <summary>A part again and again.</summary>
    /// <param name="Body">The part.</param>
    /// <param name="Least">How often at least.</param>
    /// <param name="Most">How often at most; −1 without bound.</param>
    /// <param name="Lazy">Whether fewer times are tried first.</param>
    internal sealed record Repetition(RegexNode Body, int Least, int Most, bool Lazy) : RegexNode;

    /// <summary>A part whose first way to match is its only one.</summary>
    internal sealed record Atomic(RegexNode Body) : RegexNode;

    /// <summary>What must stand after or before here, or must not.</summary>
    internal sealed record Look(RegexNode Body, bool Behind, bool Negative) : RegexNode;

    /// <summary>A place: beginning or end of the text or a line, a word's boundary.</summary>
    internal sealed record Anchor(RegexAnchor Kind) : RegexNode;
}

/// <summary>A place in a text.</summary>
internal enum RegexAnchor
{
    /// <summary>The text's beginning.</summary>
    TextStart,

    /// <summary>The text's end.</summary>
    TextEnd,

    /// <summary>The text's end or a line feed there.</summary>
    LastLineEnd,

    /// <summary>A line's beginning.</summary>
    LineStart,

    /// <summary>A line's end.</summary>
    LineEnd,

    /// <summary>A word's boundary.</summary>
    Boundary,

    /// <summary>No word's boundary.</summary>
    NoBoundary,
}
