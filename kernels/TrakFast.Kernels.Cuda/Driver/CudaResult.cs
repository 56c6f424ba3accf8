namespace TrakFast.Kernels;

/// <summary>What a function of the driver returns; the driver itself knows the names and texts of all.</summary>
internal enum CudaResult
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>Not enough memory on the device, or not enough that can be pinned.</summary>
    OutOfMemory = 2,

    /// <summary>The driver is there, but no device.</summary>
    NoDevice = 100,
}
