using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>One call of a layer after the backward pass: what it read, and the gradients of what it gave.</summary>
/// <param name="Batch">Number of examples B.</param>
/// <param name="Arguments">The layer's arguments.</param>
/// <param name="Inputs">The tensors of the arguments.</param>
/// <param name="Deltas">Gradients δ of the outputs; null where none flowed.</param>
internal sealed record CallGradient(int Batch, object?[] Arguments, IReadOnlyList<Operand> Inputs, IReadOnlyList<Operand?> Deltas)
{
    /// <summary>δ of the only output, float32 [B, c, …].</summary>
    public Tensor Delta => Float(Deltas[0]!.ByExample);

    /// <summary>The first input, [B, c, …]; float32 unless it is whole numbers.</summary>
    public Tensor Input => Float(Inputs[0].ByExample);

    /// <summary>A tensor in float32, which sums are taken in whatever the model computes in.</summary>
    public static Tensor Float(Tensor tensor) => tensor.is_floating_point() ? tensor.to_type(ScalarType.Float32) : tensor;

    /// <summary>One example by itself.</summary>
    public CallGradient Example(int example)
    {
        Operand[] inputs = [.. Inputs.Select(i => i.Example(example))];
        int next = 0;
        object?[] arguments = [.. Arguments.Select(a => TensorTree.Map(a, _ => inputs[next++].Tensor))];
        return new CallGradient(1, arguments, inputs, [.. Deltas.Select(d => d?.Example(example))]);
    }
}
