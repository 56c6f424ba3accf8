namespace TrakFast.Kernels;

/// <summary>Kinds of a kernel's parameters.</summary>
internal enum ArgumentKind
{
    /// <summary>float32 elements: pointer and 64-bit length.</summary>
    Floats,

    /// <summary>float64 elements.</summary>
    Doubles,

    /// <summary>Int32 elements.</summary>
    Ints,

    /// <summary>UInt16 elements.</summary>
    UShorts,

    /// <summary>Int64 elements.</summary>
    Longs,

    /// <summary>A 32-bit integer, signed or not.</summary>
    Int32,

    /// <summary>A 64-bit integer.</summary>
    Int64,

    /// <summary>A float32.</summary>
    Float32,
}

/// <summary>An argument of a launch: memory of the device, or a number.</summary>
internal readonly struct KernelArgument
{
    private KernelArgument(ArgumentKind kind, long bits, long length)
    {
        Kind = kind;
        Bits = bits;
        Length = length;
    }

    /// <summary>What it is.</summary>
    public ArgumentKind Kind { get; }

    /// <summary>The address, or the number's bits.</summary>
    public long Bits { get; }

    /// <summary>Elements of memory.</summary>
    public long Length { get; }

    /// <summary>Memory of float32 or int64 elements, as its type says.</summary>
    public static implicit operator KernelArgument(MemoryView view) => view.Type switch
    {
        ElementType.Float32 => new(ArgumentKind.Floats, view.Pointer, view.Length),
        ElementType.Float64 => new(ArgumentKind.Doubles, view.Pointer, view.Length),
        ElementType.Int32 => new(ArgumentKind.Ints, view.Pointer, view.Length),
        ElementType.Float16 => new(ArgumentKind.UShorts, view.Pointer, view.Length),
        ElementType.Int64 => new(ArgumentKind.Longs, view.Pointer, view.Length),
        _ => throw new NotSupportedException($"No kernel takes {view.Type}."),
    };

    /// <summary>A 32-bit number.</summary>
    public static implicit operator KernelArgument(int value) => new(ArgumentKind.Int32, value, 0);

    /// <summary>The bits of a 32-bit number.</summary>
    public static implicit operator KernelArgument(uint value) => new(ArgumentKind.Int32, (int)value, 0);

    /// <summary>A 64-bit number.</summary>
    public static implicit operator KernelArgument(long value) => new(ArgumentKind.Int64, value, 0);

    /// <summary>A float32.</summary>
    public static implicit operator KernelArgument(float value) => new(ArgumentKind.Float32, BitConverter.SingleToInt32Bits(value), 0);
}
