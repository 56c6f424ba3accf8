using System.Globalization;
using System.Runtime.InteropServices;

namespace TrakFast.Kernels;

/// <summary>What a device is, and whether the kernels can run on it.</summary>
/// <param name="Ordinal">Its number among the devices that the process sees.</param>
/// <param name="Handle">The driver's handle.</param>
/// <param name="Name">Its name, such as <c>NVIDIA A100-SXM4-80GB</c>.</param>
/// <param name="Bytes">Its memory.</param>
/// <param name="Major">Compute capability before the point.</param>
/// <param name="Minor">Compute capability after it.</param>
/// <param name="Multiprocessors">Its multiprocessors.</param>
/// <param name="DriverVersion">1000·major + 10·minor of the newest CUDA that the driver knows.</param>
internal sealed record CudaDeviceInfo(
    int Ordinal, int Handle, string Name, long Bytes, int Major, int Minor, int Multiprocessors, int DriverVersion)
{
    // The PTX files are of version 8.0, which CUDA 12.0 brought, for sm_80 and later.
    private const int LeastDriver = 12000, LeastMajor = 8;

    private const int MultiprocessorCount = 16, ComputeCapabilityMajor = 75, ComputeCapabilityMinor = 76;

    /// <summary>The device in words: name, memory, compute capability, driver.</summary>
    public string Description =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Name}, {Bytes / (double)(1L << 30):0.#} GiB, compute capability {Major}.{Minor}, driver for CUDA {Version(DriverVersion)}");

    /// <summary>How many devices there are.</summary>
    /// <exception cref="CudaException">The driver does not start.</exception>
    public static unsafe int Count(CudaDriver driver)
    {
        CudaResult started = driver.Init(0);
        if (started == CudaResult.NoDevice) return 0;
        driver.Check(started, "starting the NVIDIA driver");
        int count;
        driver.Check(driver.DeviceGetCount(&count), "counting devices");
        return count;
    }

    /// <summary>Starts the driver and asks for a device that the kernels run on.</summary>
    /// <exception cref="CudaException">There is no such device, or the kernels need a newer one or a newer driver.</exception>
    public static unsafe CudaDeviceInfo Read(CudaDriver driver, int ordinal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        int count = Count(driver);
        if (count == 0) throw new CudaException("The NVIDIA driver finds no device.");
        if (ordinal >= count) throw new CudaException(
            $"There is no device cuda:{ordinal}: the NVIDIA driver finds {count} {(count == 1 ? "device" : "devices")}, counted from 0.");

        const int NameBytes = 256;
        int handle, version;
        nuint bytes;
        byte* name = stackalloc byte[NameBytes];
        driver.Check(driver.DriverGetVersion(&version), "asking for the driver's version");
        driver.Check(driver.DeviceGet(&handle, ordinal), "opening a device");
        driver.Check(driver.DeviceGetName(name, NameBytes, handle), "asking for a device's name");
        driver.Check(driver.DeviceTotalMem(&bytes, handle), "asking for a device's memory");
        CudaDeviceInfo info = new(
            ordinal,
            handle,
            Marshal.PtrToStringUTF8((nint)name)!,
            (long)bytes,
            Attribute(driver, handle, ComputeCapabilityMajor),
            Attribute(driver, handle, ComputeCapabilityMinor),
            Attribute(driver, handle, MultiprocessorCount),
            version);
        if (info.Major < LeastMajor)
            throw new CudaException(
                $"{info.Name} has compute capability {info.Major}.{info.Minor}; the kernels need {LeastMajor}.0 or later.");
        if (version < LeastDriver)
            throw new CudaException(
                $"The NVIDIA driver is for CUDA {Version(version)}; the kernels need a driver for CUDA {Version(LeastDriver)} or later.");
        return info;
    }

    private static unsafe int Attribute(CudaDriver driver, int handle, int attribute)
    {
        int value;
        driver.Check(driver.DeviceGetAttribute(&value, attribute, handle), "asking for a device's properties");
        return value;
    }

    private static string Version(int version) => $"{version / 1000}.{version % 1000 / 10}";
}
