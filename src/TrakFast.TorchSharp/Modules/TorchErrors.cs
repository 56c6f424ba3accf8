namespace TrakFast.TorchSharp;

/// <summary>torch's messages, which come with a native stack trace of a dozen lines.</summary>
internal static class TorchErrors
{
    /// <summary>The first line.</summary>
    public static string Line(Exception exception) => exception.Message.Split('\n', 2)[0].Trim().TrimEnd('.');
}
