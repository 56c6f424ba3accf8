using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>
/// What a tensor holds, replaced by other data, of another type or on another device too: PyTorch's <c>tensor.data = other</c>. Whoever
/// holds the tensor, a layer or an optimizer, goes on with the same object. TorchSharp has no such member, TorchScript has.
/// </summary>
internal static class TensorData
{
    private static readonly Lazy<jit.CompilationUnit> Script =
        new(static () => jit.compile("def put(tensor: Tensor, data: Tensor):\n    tensor.set_data(data)\n"));

    /// <summary>Has a tensor share the memory, sizes and type of another, unless it does.</summary>
    /// <param name="tensor">A tensor that autograd does not follow.</param>
    /// <param name="data">What it is to hold.</param>
    public static void Put(Tensor tensor, Tensor data)
    {
        if (!IsShared(tensor, data)) Script.Value.invoke("put", tensor, data);
    }

    private static bool IsShared(Tensor tensor, Tensor data) => TorchMemory.Address(tensor) == TorchMemory.Address(data)
        && tensor.dtype == data.dtype && tensor.device_type == data.device_type && tensor.device_index == data.device_index;
}
