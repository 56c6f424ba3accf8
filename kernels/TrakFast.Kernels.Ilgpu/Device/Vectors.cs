namespace TrakFast.Kernels;

/// <summary>Two words, loaded and stored at once.</summary>
internal struct Words2
{
    /// <summary>Words 0 and 1.</summary>
    public uint X, Y;
}

/// <summary>Four words, loaded and stored at once.</summary>
internal struct Words4
{
    /// <summary>Words 0 to 3.</summary>
    public uint X, Y, Z, W;
}

/// <summary>Four numbers, loaded and stored at once.</summary>
internal struct Float4
{
    /// <summary>Numbers 0 to 3.</summary>
    public float X, Y, Z, W;

    /// <summary>Adds other numbers.</summary>
    public readonly Float4 Plus(Float4 other)
    {
        Float4 sum;
        sum.X = X + other.X;
        sum.Y = Y + other.Y;
        sum.Z = Z + other.Z;
        sum.W = W + other.W;
        return sum;
    }

    /// <summary>These times a number, plus others, each rounded once.</summary>
    public readonly Float4 Times(float factor, Float4 others)
    {
        Float4 sum;
        sum.X = DeviceOperations.Fma(X, factor, others.X);
        sum.Y = DeviceOperations.Fma(Y, factor, others.Y);
        sum.Z = DeviceOperations.Fma(Z, factor, others.Z);
        sum.W = DeviceOperations.Fma(W, factor, others.W);
        return sum;
    }
}
