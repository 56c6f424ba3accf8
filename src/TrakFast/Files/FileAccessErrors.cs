namespace TrakFast;

/// <summary>Turns what the operating system says about a file into a sentence with its name.</summary>
public static class FileAccessErrors
{
    /// <summary>Whether the exception is about the file rather than about this program.</summary>
    public static bool Covers(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or NotSupportedException || IsTooLarge(exception);

    // What .NET makes of EFBIG.
    private static bool IsTooLarge(Exception exception) => exception is ArgumentOutOfRangeException { ParamName: "value" };

    /// <summary>The sentence for a file that could not be read or written.</summary>
    /// <param name="doing">What was tried: "read" or "written".</param>
    /// <param name="path">The file.</param>
    /// <param name="exception">What the operating system said.</param>
    public static TrakException Explain(string doing, string path, Exception exception) => exception switch
    {
        FileNotFoundException => new TrakException($"{path} cannot be {doing}: there is no such file.", exception),
        DirectoryNotFoundException => new TrakException($"{path} cannot be {doing}: its directory does not exist.", exception),
        _ when IsTooLarge(exception) => new TrakException(
            $"{path} cannot be {doing}: the file system, or a limit of this process (ulimit -f), allows no file of that size.", exception),
        NotSupportedException => new TrakException(
            $"{path} cannot be {doing}: it is a pipe or a device, and what is read here and there must be a file; write it to one first.",
            exception),
        UnauthorizedAccessException when Directory.Exists(path) =>
            new TrakException($"{path} cannot be {doing}: it is a directory.", exception),
        UnauthorizedAccessException => new TrakException($"{path} cannot be {doing}: access is denied.", exception),
        _ => new TrakException($"{path} cannot be {doing}: {exception.Message.TrimEnd('.')}.", exception),
    };
}
