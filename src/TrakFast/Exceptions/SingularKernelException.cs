namespace TrakFast;

/// <summary>The kernel matrix ΦᵀΦ + λI is not positive definite; the message says which λ would do.</summary>
public sealed class SingularKernelException : TrakException
{
    internal SingularKernelException(string message)
        : base(message)
    {
    }
}
