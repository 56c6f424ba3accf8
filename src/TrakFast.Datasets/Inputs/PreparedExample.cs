namespace TrakFast.Datasets;

/// <summary>What a field keeps of an example.</summary>
/// <param name="Content">Pixels, tokens or numbers.</param>
/// <param name="Length">How many of the content's entries count, where it is longer.</param>
internal sealed record PreparedExample(Array Content, int Length)
{
    /// <summary>Everything counts.</summary>
    public PreparedExample(Array content)
        : this(content, content.Length)
    {
    }

    /// <summary>Bytes that it takes in memory, about.</summary>
    public long Bytes => Buffer.ByteLength(Content) + 64;
}
