using System.Diagnostics;

namespace TrakFast.Kernels;

/// <summary>A typed stretch of host or device memory that someone else owns.</summary>
/// <param name="Pointer">Address of the first element.</param>
/// <param name="Length">Number of elements.</param>
/// <param name="Type">Type of the elements.</param>
/// <param name="Space">Where the address is valid.</param>
public readonly record struct MemoryView(nint Pointer, long Length, ElementType Type, MemorySpace Space)
{
    /// <summary>Views host floats.</summary>
    public static unsafe MemoryView Of(float* pointer, long length) =>
        new((nint)pointer, length, ElementType.Float32, MemorySpace.Host);

    /// <summary>Views host 64-bit integers.</summary>
    public static unsafe MemoryView Of(long* pointer, long length) =>
        new((nint)pointer, length, ElementType.Int64, MemorySpace.Host);

    /// <summary>The host address of float32 elements.</summary>
    public unsafe float* Floats
    {
        get
        {
            Debug.Assert(Type == ElementType.Float32 && Space == MemorySpace.Host);
            return (float*)Pointer;
        }
    }

    /// <summary>The host address of int64 elements.</summary>
    public unsafe long* Longs
    {
        get
        {
            Debug.Assert(Type == ElementType.Int64 && Space == MemorySpace.Host);
            return (long*)Pointer;
        }
    }

    /// <summary>The part of <paramref name="length"/> elements from <paramref name="start"/>.</summary>
    public MemoryView Slice(long start, long length)
    {
        Debug.Assert(start >= 0 && length >= 0 && start + length <= Length);
        return this with { Pointer = Pointer + (nint)(start * Type.Size()), Length = length };
    }

    // Written by hand, for the generated one would box pointers, which native compilation cannot.
#pragma warning disable IDE0051 // The ToString of a record calls it.
    private bool PrintMembers(System.Text.StringBuilder text)
    {
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{Length} × {Type} at 0x{Pointer:x} on {Space}");
        return true;
    }
#pragma warning restore IDE0051
}
