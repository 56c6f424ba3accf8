using System.Runtime.InteropServices;
using TorchSharp;
using TrakFast.Kernels;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>Arrays to tensors and tensors to views, without a detour.</summary>
internal static partial class TorchMemory
{
    /// <summary>A tensor's elements where they lie.</summary>
    /// <param name="tensor">A contiguous float32 or int64 tensor, which must outlive the view.</param>
    public static MemoryView View(Tensor tensor)
    {
        if (!tensor.is_contiguous()) throw new ArgumentException($"A tensor {tensor} is not contiguous.", nameof(tensor));
        MemorySpace space = tensor.device_type == DeviceType.CUDA ? new MemorySpace(MemoryKind.Cuda, tensor.device_index) : MemorySpace.Host;
        ElementType type = tensor.dtype switch
        {
            ScalarType.Float32 => ElementType.Float32,
            ScalarType.Int64 => ElementType.Int64,
            _ => throw new ArgumentException($"A tensor of {tensor.dtype} is not viewed.", nameof(tensor)),
        };
        return new MemoryView(THSTensor_data(tensor.Handle), tensor.numel(), type, space);
    }

    /// <summary>A float32 tensor on the device with the tensor's values, one behind the other; the tensor itself where it is that.</summary>
    public static Tensor Packed(Tensor tensor) => tensor.to_type(ScalarType.Float32).contiguous();

    /// <summary>Copies an array to a device as it is.</summary>
    public static Tensor ToTensor(DataArray array, Device device)
    {
        ScalarType type = array.Type switch
        {
            ElementType.Float32 => ScalarType.Float32,
            ElementType.Float16 => ScalarType.Float16,
            ElementType.BFloat16 => ScalarType.BFloat16,
            ElementType.Float64 => ScalarType.Float64,
            ElementType.Int32 => ScalarType.Int32,
            ElementType.Int64 => ScalarType.Int64,
            ElementType.Int8 => ScalarType.Int8,
            ElementType.UInt8 => ScalarType.Byte,
            ElementType.Bool => ScalarType.Bool,
            _ => throw new ArgumentOutOfRangeException(nameof(array), array.Type, "Unknown element type."),
        };
        Tensor host = empty([.. array.Shape], dtype: type);
        if (array.Length > 0) array.Bytes.CopyTo(host.bytes);
        if (device.type == DeviceType.CPU) return host;
        using (host) return host.to(device);
    }

    /// <summary>Copies a tensor from wherever it lies, float32 as it is.</summary>
    public static DataArray ToArray(Tensor tensor)
    {
        using Tensor host = tensor.detach().cpu();
        using Tensor packed = host.contiguous();
        ElementType type = packed.dtype switch
        {
            ScalarType.Float32 => ElementType.Float32,
            ScalarType.Float16 => ElementType.Float16,
            ScalarType.BFloat16 => ElementType.BFloat16,
            ScalarType.Float64 => ElementType.Float64,
            ScalarType.Int32 => ElementType.Int32,
            ScalarType.Int64 => ElementType.Int64,
            ScalarType.Int8 => ElementType.Int8,
            ScalarType.Byte => ElementType.UInt8,
            ScalarType.Bool => ElementType.Bool,
            _ => throw new TrakException($"A tensor of {packed.dtype} {Shapes.Text(packed.shape)} is no array TrakFast knows."),
        };
        return new DataArray(type, packed.shape, packed.numel() == 0 ? Array.Empty<byte>() : packed.bytes.ToArray());
    }

    /// <summary>Where a tensor's first element lies.</summary>
    public static nint Address(Tensor tensor) => THSTensor_data(tensor.Handle);

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint handle);
}
