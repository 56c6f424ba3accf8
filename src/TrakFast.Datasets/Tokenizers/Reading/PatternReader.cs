namespace TrakFast.Datasets;

/// <summary>Reads what texts are split at: {"String": …} or {"Regex": …}.</summary>
internal static class PatternReader
{
    /// <summary>Reads a pattern.</summary>
    public static TextPattern Read(JsonPart part)
    {
        if (part.Maybe("String") is { } text) return new StringPattern(text.Text());
        if (part.Maybe("Regex") is { } regex) return new RegexPattern(regex.Text());
        throw new InputException($"{part.Name} has neither String nor Regex.");
    }
}
