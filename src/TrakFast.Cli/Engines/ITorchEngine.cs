using TrakFast.Onnx;

namespace TrakFast.Cli.Engines;

/// <summary>torch's engine, as a tool that has it hands it to the commands.</summary>
public interface ITorchEngine
{
    /// <summary>Chooses the folder that libtorch is loaded from. Must come before any other call.</summary>
    /// <param name="directory">A folder with libtorch's libraries.</param>
    /// <exception cref="TrakException">The folder does not hold them.</exception>
    void UseLibraries(string directory);

    /// <summary>Whether the engine can run on a device in this process. Loads libtorch.</summary>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="detail">What is in use; otherwise the sentence that says why not.</param>
    bool IsAvailable(string device, out string detail);

    /// <summary>Makes an ONNX graph executable.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="threads">Threads of libtorch on the CPU, for the whole process.</param>
    /// <exception cref="TrakException">The engine cannot run on the device, or the graph uses operators that are not supported.</exception>
    IModel Open(OnnxGraph graph, string device, int threads);
}
