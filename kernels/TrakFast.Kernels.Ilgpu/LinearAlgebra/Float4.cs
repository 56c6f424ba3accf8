namespace TrakFast.Kernels;

/// <summary>Four float32 that are loaded and stored together.</summary>
internal struct Float4
{
    /// <summary>Numbers 0 to 3.</summary>
    public float X, Y, Z, W;
}

/// <summary>Two float32 that are stored together.</summary>
internal struct Float2
{
    /// <summary>Numbers 0 and 1.</summary>
    public float X, Y;
}
