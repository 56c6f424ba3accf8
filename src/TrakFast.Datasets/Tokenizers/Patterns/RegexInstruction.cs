namespace TrakFast.Datasets;

/// <summary>What a step of a compiled regular expression does.</summary>
internal enum RegexOperation
{
    /// <summary>Takes one code point of the set.</summary>
    Set,

    /// <summary>Takes code points of the set, between A and B of them, as many as there are first.</summary>
    Span,

    /// <summary>Goes on at A, and at B if that leads nowhere.</summary>
    Branch,

    /// <summary>Goes on at A.</summary>
    Jump,

    /// <summary>Notes in register A where a round of a loop begins.</summary>
    Mark,

    /// <summary>Goes on at B if the round noted in register A took nothing.</summary>
    Progress,

    /// <summary>Matches the program, once and for all, and goes on behind it.</summary>
    Atomic,

    /// <summary>Looks whether the program matches after here; B is 1 where it must not.</summary>
    Ahead,

    /// <summary>Looks whether the program matches before here; B is 1 where it must not.</summary>
    Behind,

    /// <summary>Checks the place that A names.</summary>
    Anchor,

    /// <summary>The end.</summary>
    Accept,
}

/// <summary>A step of a compiled regular expression.</summary>
/// <param name="Operation">What it does.</param>
/// <param name="A">See <see cref="RegexOperation"/>.</param>
/// <param name="B">See <see cref="RegexOperation"/>.</param>
/// <param name="Set">The set of code points.</param>
/// <param name="Program">What is matched by itself.</param>
internal readonly record struct RegexInstruction(
    RegexOperation Operation, int A = 0, int B = 0, CodePointSet? Set = null, RegexProgram? Program = null);
