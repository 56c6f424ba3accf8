using System.Reflection;

namespace TrakFast.Datasets;

/// <summary>Says what is missing where Skia's native library cannot be loaded.</summary>
internal static class SkiaLibrary
{
    /// <summary>Does some work that needs the library.</summary>
    /// <param name="work">The work.</param>
    /// <param name="what">What cannot be done without it, as the beginning of a sentence.</param>
    /// <exception cref="InputException">The library cannot be loaded.</exception>
    public static T Use<T>(Func<T> work, string what)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (IsMissing(e))
        {
            throw new InputException(
                $"{what}: the native library libSkiaSharp cannot be loaded on this machine; it is in the package "
                + $"SkiaSharp.NativeAssets of the operating system ({Cause(e).Message.TrimEnd('.')}).", e);
        }
    }

    // SkiaSharp loads the library in a static constructor, which also compares versions.
    private static bool IsMissing(Exception exception) =>
        exception is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException or TypeInitializationException;

    private static Exception Cause(Exception exception)
    {
        while (exception is TypeInitializationException or TargetInvocationException && exception.InnerException is { } inner)
            exception = inner;
        return exception;
    }
}
