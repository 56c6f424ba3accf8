namespace TrakFast.Kernels;

/// <summary>A CUDA device that cannot be used, or a call of the driver that failed: one sentence that says what was being done.</summary>
public sealed class CudaException : Exception
{
    /// <summary>Creates the error with its sentence.</summary>
    public CudaException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error of a call of the driver.</summary>
    /// <param name="name">CUDA's name of the error, such as <c>CUDA_ERROR_OUT_OF_MEMORY</c>.</param>
    /// <param name="text">CUDA's text for it.</param>
    /// <param name="doing">What was being done, in words that follow "while".</param>
    public CudaException(string name, string text, string doing)
        : base($"{name} ({text}) while {doing}.") => Name = name;

    /// <summary>CUDA's name of the error, or null where no call of the driver failed.</summary>
    public string? Name { get; }
}
