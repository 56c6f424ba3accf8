using System.Runtime.InteropServices;
using TorchSharp;
using TrakFast.Kernels;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp.Engines;

/// <summary>Arrays to tensors and tensors to views, without a detour.</summary>
public static partial class TorchMemory
{
    private static readonly Dictionary<ElementType, ScalarType> TensorTypes = new()
    {
        [ElementType.Float32] = ScalarType.Float32,
        [ElementType.Float16] = ScalarType.Float16,
        [ElementType.BFloat16] = ScalarType.BFloat16,
        [ElementType.Float64] = ScalarType.Float64,
        [ElementType.Int32] = ScalarType.Int32,
        [ElementType.Int64] = ScalarType.Int64,
        [ElementType.Int8] = ScalarType.Int8,
        [ElementType.UInt8] = ScalarType.Byte,
        [ElementType.Bool] = ScalarType.Bool,
    };

    private static readonly Dictionary<ScalarType, ElementType> ArrayTypes = TensorTypes.ToDictionary(
        static t => t.Value, static t => t.Key);

    /// <summary>A tensor's elements where they lie.</summary>
    /// <param name="tensor">A contiguous float32 or int64 tensor, which must outlive the view.</param>
    public static MemoryView View(Tensor tensor)
    {
        if (!tensor.is_contiguous()) throw new ArgumentException($"A tensor {tensor} is not contiguous.", nameof(tensor));
        MemorySpace space = tensor.device_type == DeviceType.CUDA
            ? new MemorySpace(MemoryKind.Cuda, tensor.device_index)
            : MemorySpace.Host;
        ElementType type = tensor.dtype switch
        {
            ScalarType.Float32 => ElementType.Float32,
            ScalarType.Int64 => ElementType.Int64,
            _ => throw new ArgumentException($"A tensor of {tensor.dtype} is not viewed.", nameof(tensor)),
        };
        return new MemoryView(THSTensor_data(tensor.Handle), tensor.numel(), type, space);
    }

    /// <summary>
    /// A float32 tensor on the device with the tensor's values, one behind the other; the tensor itself where it is that.
    /// </summary>
    public static Tensor Packed(Tensor tensor) => tensor.to_type(ScalarType.Float32).contiguous();

    /// <summary>Copies float32 elements to a device, as another type where that is wanted.</summary>
    public static Tensor FromFloats(ReadOnlySpan<float> elements, long[] shape, ScalarType type, Device device)
    {
        Tensor host = empty(shape, dtype: ScalarType.Float32);
        if (!elements.IsEmpty) MemoryMarshal.AsBytes(elements).CopyTo(host.bytes);
        return Moved(host, type, device);
    }

    /// <summary>Copies indices to a device.</summary>
    public static Tensor FromLongs(ReadOnlySpan<long> elements, long[] shape, Device device)
    {
        Tensor host = empty(shape, dtype: ScalarType.Int64);
        if (!elements.IsEmpty) MemoryMarshal.AsBytes(elements).CopyTo(host.bytes);
        return Moved(host, ScalarType.Int64, device);
    }

    /// <summary>
    /// Moves a tensor of the host's to a device and a type; the tensor itself where it is there. Finite numbers stay finite, as
    /// those that masks are filled with have to: what lies beyond a type's range becomes its largest number.
    /// </summary>
    public static Tensor Moved(Tensor host, ScalarType type, Device device)
    {
        if (device.type == DeviceType.CPU && host.dtype == type) return host;
        using (host)
        using (Tensor ranged = InRange(host, type)) return ranged.to(type, device);
    }

    // Finite numbers beyond the type's range become its largest.
    private static Tensor InRange(Tensor host, ScalarType type)
    {
        if (host.dtype != ScalarType.Float32 || type is not (ScalarType.Float16 or ScalarType.BFloat16)) return host;
        using DisposeScope temporary = NewDisposeScope();
        double most = finfo(type).max;
        return where(host.isinf(), host, host.clamp(-most, most)).MoveToOuterDisposeScope();
    }

    /// <summary>Copies an array to a device as it is.</summary>
    public static Tensor ToTensor(DataArray array, Device device)
    {
        ScalarType type = TensorTypes[array.Type];
        Tensor host = empty([.. array.Shape], dtype: type);
        if (array.Length > 0) array.Bytes.CopyTo(host.bytes);
        return Moved(host, type, device);
    }

    /// <summary>Copies a tensor from wherever it lies, float32 as it is.</summary>
    public static DataArray ToArray(Tensor tensor)
    {
        using Tensor host = tensor.detach().cpu();
        using Tensor packed = host.contiguous();
        if (!ArrayTypes.TryGetValue(packed.dtype, out ElementType type))
            throw new TrakException($"A tensor of {packed.dtype} {Shapes.Text(packed.shape)} is no array TrakFast knows.");
        return new DataArray(type, packed.shape, packed.numel() == 0 ? Array.Empty<byte>() : packed.bytes.ToArray());
    }

    /// <summary>Where a tensor's first element lies.</summary>
    public static nint Address(Tensor tensor) => THSTensor_data(tensor.Handle);

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint handle);
}
