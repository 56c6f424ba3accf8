namespace TrakFast;

/// <summary>Which of a model's outputs holds the logits.</summary>
internal static class LogitsOutput
{
    /// <summary>The output called <c>logits</c>, or the first where none is.</summary>
    public static (string Name, Variable Values) Of(ModelResult result)
    {
        string name = result.Names.Contains("logits") ? "logits" : result.Names[0];
        return (name, result[name]);
    }
}
