namespace TrakFast;

/// <summary>A batch, a file of examples or a single value is not what the model or the task reads.</summary>
public sealed class InputException : TrakException
{
    /// <summary>Creates the error with its sentence.</summary>
    public InputException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error with its sentence and what led to it.</summary>
    public InputException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
