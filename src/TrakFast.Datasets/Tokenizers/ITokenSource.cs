namespace TrakFast.Datasets;

/// <summary>What divides texts into tokens, before anything is put around them.</summary>
internal interface ITokenSource
{
    /// <summary>What it is, for people.</summary>
    string Description { get; }

    /// <summary>One more than the largest number of a token.</summary>
    int VocabularySize { get; }

    /// <summary>Whether the places of tokens count code points rather than UTF-16 characters.</summary>
    bool CountsCodePoints { get; }

    /// <summary>The tokens of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="enough">Number of tokens after which no further word need be divided; null for all words.</param>
    /// <param name="side">The end of the text whose words can be left out.</param>
    List<EncodedToken> Encode(string text, int? enough = null, TextSide side = TextSide.Right);

    /// <summary>The text of tokens.</summary>
    string Decode(IReadOnlyList<int> ids, bool skipSpecial);

    /// <summary>The text of one token as the vocabulary has it; null for a number that is none.</summary>
    string? TextOf(int id);

    /// <summary>The number of a token; null for a text that is none.</summary>
    int? IdOf(string token);
}
