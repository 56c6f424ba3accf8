namespace TrakFast;

/// <summary>Gives errors of what is shared, such as reading a file, the type of what was wanted of it.</summary>
internal static class TypedErrors
{
    /// <summary>Does some work; its errors keep their sentence and get the type.</summary>
    /// <param name="work">The work.</param>
    /// <param name="typed">Makes the error from its sentence and what led to it.</param>
    public static T As<T, TError>(Func<T> work, Func<string, Exception, TError> typed)
        where TError : TrakException
    {
        try
        {
            return work();
        }
        catch (TrakException exception) when (exception is not TError)
        {
            throw typed(exception.Message, exception);
        }
    }
}
