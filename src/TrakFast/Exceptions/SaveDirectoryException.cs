namespace TrakFast;

/// <summary>A save directory holds another run, lacks something, is damaged, or cannot be written.</summary>
public sealed class SaveDirectoryException : TrakException
{
    /// <summary>Creates the error with its sentence.</summary>
    public SaveDirectoryException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error with its sentence and what led to it.</summary>
    public SaveDirectoryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
