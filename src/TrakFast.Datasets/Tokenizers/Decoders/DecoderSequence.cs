namespace TrakFast.Datasets;

/// <summary>Decoders one after another.</summary>
internal sealed class DecoderSequence(IReadOnlyList<TokenDecoder> decoders) : TokenDecoder
{
    /// <inheritdoc/>
    public override List<string> Apply(List<string> tokens)
    {
        foreach (TokenDecoder decoder in decoders) tokens = decoder.Apply(tokens);
        return tokens;
    }
}
