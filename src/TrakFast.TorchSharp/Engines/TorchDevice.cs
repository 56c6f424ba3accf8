using System.Globalization;
using TorchSharp;
using TrakFast.Kernels;

namespace TrakFast.TorchSharp.Engines;

/// <summary>Devices by their names: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>.</summary>
public static class TorchDevice
{
    /// <summary>The device of a name.</summary>
    /// <exception cref="TrakException">The name is none, or torch does not have the device here.</exception>
    public static torch.Device Parse(string name)
    {
        if (name == "cpu") return torch.CPU;
        string ordinal = name == "cuda" ? "0" : name.StartsWith("cuda:", StringComparison.Ordinal) ? name[5..] : "";
        if (!int.TryParse(ordinal, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            throw new TrakException($"'{name}' is no device; cpu, cuda and cuda:N are.");
        if (!torch.cuda.is_available())
            throw new TrakException("libtorch sees no CUDA device here; a device needs NVIDIA's driver and a libtorch built for CUDA.");
        int count = torch.cuda.device_count();
        if (index >= count) throw new TrakException($"There is no device {name}; libtorch sees {count}.");
        return new torch.Device(DeviceType.CUDA, index);
    }

    /// <summary>Whether a tensor lies on a device.</summary>
    public static bool Holds(torch.Device device, torch.Tensor tensor) =>
        tensor.device_type == device.type && (device.type != DeviceType.CUDA || tensor.device_index == device.index);

    /// <summary>Where tensors of the device lie.</summary>
    public static MemorySpace Space(torch.Device device) =>
        device.type == DeviceType.CUDA ? new MemorySpace(MemoryKind.Cuda, device.index) : MemorySpace.Host;
}
