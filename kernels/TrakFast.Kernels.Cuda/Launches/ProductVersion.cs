namespace TrakFast.Kernels;

/// <summary>Versions of the kernels that multiply matrices.</summary>
internal enum ProductVersion
{
    /// <summary>One output a thread: what the others are compared with.</summary>
    Reference,

    /// <summary>Tiles in float32, bit for bit the reference's results.</summary>
    Registers,

    /// <summary>Tiles on tensor cores, in three products of split numbers: float32's accuracy, not its bits.</summary>
    TensorCores,
}
