namespace TrakFast.Kernels;

/// <summary>Four floats that memory moves at once, where they lie on 16 bytes.</summary>
internal struct Quad
{
    /// <summary>The floats.</summary>
    public float X, Y, Z, W;
}
