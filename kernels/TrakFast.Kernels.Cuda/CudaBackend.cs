namespace TrakFast.Kernels;

/// <summary>
/// The kernels on CUDA devices of compute capability 8.0 and later. Only NVIDIA's driver is needed, for CUDA 12.0 or later;
/// neither a toolkit nor any package.
/// </summary>
public static class CudaBackend
{
    /// <summary>How many CUDA devices this process sees; 0 where there is no driver.</summary>
    public static int DeviceCount
    {
        get
        {
            try
            {
                return CudaDeviceInfo.Count(CudaLibrary.Load());
            }
            catch (CudaException)
            {
                return 0;
            }
        }
    }

    /// <summary>
    /// Whether the kernels run on a device, found out by loading every one of them there. The first time on a machine that takes
    /// seconds, in which the driver compiles them.
    /// </summary>
    /// <param name="ordinal">The device's number, from 0.</param>
    /// <param name="detail">The device's name, memory, compute capability and driver; otherwise the sentence that says why not.</param>
    public static bool IsAvailable(int ordinal, out string detail) => IsAvailable(CudaLibrary.Load, ordinal, out detail);

    /// <summary>
    /// A backend on a device. It works in the device's primary context, so that it reads memory of PyTorch and of the CUDA runtime
    /// where it lies, and needs no copy of it.
    /// </summary>
    /// <param name="ordinal">The device's number, from 0.</param>
    /// <param name="workers">Host threads for what stays on the host; one for each processor where null.</param>
    /// <param name="stream">
    /// The CUDA stream (CUstream or cudaStream_t, owned by the caller) that all work goes to, in order. 0 is the legacy default
    /// stream: work on it starts after everything asked before of that stream, which is torch's default, and of all other
    /// streams that are not created as non-blocking. Gradients that are made on a non-blocking stream must be waited for
    /// before they are projected, or that stream be given here.
    /// </param>
    /// <param name="useTensorCores">
    /// Whether Rademacher projections, Gram matrices and scores go to tensor cores, as float32 sums of short sums of split numbers;
    /// otherwise they are float32 FMAs in the order of the coordinates. Accuracy is that of float32 either way.
    /// </param>
    /// <exception cref="CudaException">There is no such device, or the kernels cannot run on it.</exception>
    public static IKernelBackend Create(int ordinal = 0, Workers? workers = null, nint stream = 0, bool useTensorCores = true) =>
        new DeviceBackend(
            new CudaDevice(CudaLibrary.Load(), ordinal, stream), workers ?? Workers.PerProcessor(),
            useTensorCores ? DeviceArithmetic.TensorCores : DeviceArithmetic.Float32);

    /// <summary>The same with a driver from elsewhere.</summary>
    internal static bool IsAvailable(Func<CudaDriver> load, int ordinal, out string detail)
    {
        try
        {
            using CudaDevice device = new(load(), ordinal, 0);
            foreach (DeviceKernel kernel in DeviceKernel.All.Where(static kernel => kernel.Ships)) device.Load(kernel);
            detail = device.Info.Description;
            return true;
        }
        catch (CudaException exception)
        {
            detail = exception.Message;
            return false;
        }
    }
}
