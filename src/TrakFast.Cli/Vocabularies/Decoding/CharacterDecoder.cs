namespace TrakFast.Cli.Vocabularies.Decoding;

/// <summary>Vocabularies whose every token is one character: they stand together as they are.</summary>
internal sealed class CharacterDecoder : TokenDecoder
{
    /// <inheritdoc/>
    public override string Decode(IReadOnlyList<string> tokens) => string.Concat(tokens);
}
