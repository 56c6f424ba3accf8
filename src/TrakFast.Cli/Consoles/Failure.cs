using TrakFast.Kernels;

namespace TrakFast.Cli.Consoles;

/// <summary>Turns an exception into the one sentence a user sees, and the exit code.</summary>
internal static class Failure
{
    /// <summary>The sentence and the exit code for an exception that ended a command.</summary>
    public static (string Sentence, int ExitCode) Explain(Exception exception, CancellationToken cancellationToken)
    {
        Exception cause = Unwrap(exception);
        if (cause is OperationCanceledException && cancellationToken.IsCancellationRequested)
            return (cause is StoppedException ? cause.Message : "Canceled.", ExitCode.Canceled);
        string sentence = cause switch
        {
            TrakException or CudaException or IOException => cause.Message,
            UnauthorizedAccessException => $"{cause.Message.TrimEnd('.')}: check the permissions of that file or directory.",
            OutOfMemoryException =>
                "There is not enough memory for this; use a smaller --batch-size or --projection-dim.",
            _ => $"internal error: {cause.GetType().Name} in {Place(cause)}: {cause.Message}",
        };
        return (OneLine(sentence), ExitCode.Failed);
    }

    /// <summary>The text with every run of white space, line breaks included, as one blank.</summary>
    public static string OneLine(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static Exception Unwrap(Exception exception)
    {
        while (exception is AggregateException { InnerExceptions: [Exception only] }) exception = only;
        return exception;
    }

    // The runtime writes async methods under the names people gave them, so its own text is the best source.
    private static string Place(Exception exception)
    {
        const string Marker = "at ";
        string? frame = exception.StackTrace?.Split('\n', 2)[0].Trim();
        if (frame is null || !frame.StartsWith(Marker, StringComparison.Ordinal)) return "an unknown place";
        int parameters = frame.IndexOf('(', StringComparison.Ordinal);
        return parameters < 0 ? frame[Marker.Length..] : frame[Marker.Length..parameters];
    }
}
