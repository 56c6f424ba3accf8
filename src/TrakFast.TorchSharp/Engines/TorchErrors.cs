using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp.Engines;

/// <summary>torch's errors, whose messages come with a native stack trace of a dozen lines.</summary>
public static class TorchErrors
{
    /// <summary>A backward pass that leaves gradients in some tensors.</summary>
    /// <param name="roots">Where it starts.</param>
    /// <param name="starts">The gradients there; null for a root that is a number.</param>
    /// <param name="inputs">The tensors, of which there must be one.</param>
    /// <param name="keep">Whether the graph is kept.</param>
    /// <exception cref="TrakException">torch cannot do it.</exception>
    public static void Backpropagate(List<Tensor> roots, List<Tensor>? starts, List<Tensor> inputs, bool keep = false)
    {
        try
        {
            // An error inside autograd.grad would end the process.
            autograd.backward(roots, starts!, retain_graph: keep, inputs: inputs);
        }
        catch (ExternalException exception)
        {
            throw new TrakException($"torch cannot take the gradient: {Line(exception)}.", exception);
        }
    }

    /// <summary>The first line.</summary>
    public static string Line(Exception exception) => exception.Message.Split('\n', 2)[0].Trim().TrimEnd('.');
}
