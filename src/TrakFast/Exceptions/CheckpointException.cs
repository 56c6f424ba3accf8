namespace TrakFast;

/// <summary>A file of weights cannot be read, or the weights do not fit the model or the run.</summary>
public sealed class CheckpointException : TrakException
{
    /// <summary>Creates the error with its sentence.</summary>
    public CheckpointException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error with its sentence and what led to it.</summary>
    public CheckpointException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
