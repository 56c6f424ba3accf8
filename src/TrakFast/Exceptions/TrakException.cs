namespace TrakFast;

/// <summary>
/// Something a user can mend: a file, a shape, a value or a step out of order. The message is one sentence that says
/// what was wrong, with the values, and what to do.
/// </summary>
public class TrakException : Exception
{
    /// <summary>Creates the error with its sentence.</summary>
    public TrakException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error with its sentence and what led to it.</summary>
    public TrakException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
