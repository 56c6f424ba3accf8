using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.TorchSharp;

/// <summary>
/// The engine of torch for programs that choose one at run time. This class has the same members where TrakFast was built
/// without TorchSharp, and then says so; code that needs more of this library refers to TorchSharp itself.
/// </summary>
public static class TorchEngine
{
    /// <summary>Whether the engine can run on a device in this process. Loads libtorch.</summary>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="detail">What is in use; otherwise the sentence that says why not.</param>
    public static bool IsAvailable(string device, out string detail)
    {
        if (!TorchLibrary.IsAvailable(out detail)) return false;
        try
        {
            TorchDevice.Parse(device);
            return true;
        }
        catch (TrakException exception)
        {
            detail = exception.Message;
            return false;
        }
    }

    /// <summary>Makes an ONNX graph executable.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="threads">Threads of torch's own on the CPU, for the whole process.</param>
    /// <param name="precision">The type that passes compute in: float32, float16 or bfloat16.</param>
    /// <exception cref="TrakException">The engine cannot run on the device, or the graph uses operators that are not supported.</exception>
    public static IModel Open(OnnxGraph graph, string device, int threads, ElementType precision = ElementType.Float32)
    {
        TorchLibrary.Require();
        global::TorchSharp.torch.set_num_threads(threads);
        return new TorchOnnxModel(graph, new TorchOptions { Device = device, Precision = precision });
    }
}
