namespace TrakFast.Datasets;

/// <summary>Every word is a token or unknown.</summary>
internal sealed class WordLevelModel(Vocabulary vocabulary, string unknown) : TokenModel(vocabulary)
{
    /// <inheritdoc/>
    public override string Kind => "WordLevel";

    /// <inheritdoc/>
    protected override void Divide(ReadOnlySpan<char> word, List<ModelToken> tokens) =>
        tokens.Add(new ModelToken(Vocabulary.TryGetId(word, out int id) ? id : Unknown(unknown, word), 0, word.Length));
}
