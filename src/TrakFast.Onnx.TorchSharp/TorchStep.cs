using TrakFast.Onnx;
using TrakFast.Onnx.Programs;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>One operator in torch: from a step's inputs, its output.</summary>
internal delegate Tensor TorchOperator(TorchStep step);

/// <summary>
/// What an operator sees of a step. Every value is a tensor [P, the shape for one example]: P is the number of examples, or 1
/// for what all share. Whole numbers and truth values are float32; floating-point numbers have the pass's type.
/// </summary>
internal sealed class TorchStep(TorchForward forward, GraphStep step)
{
    private readonly GraphProgram _program = forward.Program.Program;
    private int _tables;

    public GraphNode Node => step.Node;

    /// <summary>What compiling has worked out beside the shapes.</summary>
    public T Facts<T>()
        where T : StepFacts => (T)step.Facts!;

    /// <summary>The output's description.</summary>
    public ProgramValue Output => _program.Values[step.Output];

    /// <summary>Number of examples B.</summary>
    public int Batch => forward.Batch;

    /// <summary>Number of the node's inputs, those left out included.</summary>
    public int InputCount => step.Inputs.Count;

    /// <summary>An input's elements; a parameter whose gradient is wanted is given for each example.</summary>
    public Tensor this[int input] =>
        Parameter(input) is { } parameter && Output.Parameter is null ? forward.Expanded(parameter, Of(input)) : Plain(input);

    public bool Has(int input) => input < step.Inputs.Count && step.Inputs[input] >= 0;

    /// <summary>An input's description.</summary>
    public ProgramValue Of(int input) => _program.Values[step.Inputs[input]];

    /// <summary>An input's elements where they follow from the graph alone.</summary>
    public ReadOnlySpan<float> Known(int input) => Of(input).Known!.Value.Span;

    /// <summary>The selected parameter that an input is, or null.</summary>
    public ParameterElements? Parameter(int input) =>
        forward.Wants(step, input) ? Of(input).Parameter : null;

    /// <summary>The same where its elements lie one behind the other.</summary>
    public ParameterElements? DenseParameter(int input) =>
        Has(input) && Parameter(input) is { IsDense: true } parameter ? parameter : null;

    /// <summary>An input's elements once for all where that is so; no gradient reaches a parameter through it.</summary>
    public Tensor Plain(int input) => forward.ValueOf(step.Inputs[input]);

    /// <summary>An input's elements with axes of size 1 put before its own, up to the output's rank, so that it broadcasts.</summary>
    public Tensor Aligned(int input) => Align(this[input], Output.Rank);

    /// <summary>A tensor with axes of size 1 behind the examples', up to a rank of an example.</summary>
    public static Tensor Align(Tensor tensor, int rank)
    {
        long[] shape = tensor.shape;
        return shape.Length - 1 >= rank
            ? tensor
            : tensor.reshape([shape[0], .. Enumerable.Repeat(1L, rank + 1 - shape.Length), .. shape[1..]]);
    }

    /// <summary>A tensor with a part for each example.</summary>
    public Tensor Each(Tensor tensor)
    {
        long[] shape = tensor.shape;
        return shape[0] == Batch ? tensor : tensor.expand([Batch, .. shape[1..]]);
    }

    /// <summary>Indices that are the same in every pass, worked out in the first.</summary>
    public Tensor Indices(IEnumerable<long> values) => forward.Program.Table(step.Index, _tables++, values);

    /// <summary>Numbers that are the same in every pass, worked out in the first, of the pass's type.</summary>
    public Tensor Floats(IEnumerable<float> values, params long[] shape) => forward.Program.Table(step.Index, _tables++, values, shape);

    /// <summary>The type of a floating-point or whole value's elements.</summary>
    public ScalarType TypeOf(ProgramValue value) => value.Whole ? ScalarType.Float32 : forward.Type;

    /// <summary>The output filled with a number, once for all examples.</summary>
    public Tensor Filled(double number) => full([1, .. Output.Shape], number, dtype: TypeOf(Output), device: forward.Device);

    /// <summary>Makes a tensor a point where the backward pass leaves its gradient, from which parameters' blocks are made.</summary>
    /// <param name="output">A part for each example.</param>
    /// <param name="uses">From the point, what makes each block; where there is none, the tensor stays as it is.</param>
    public Tensor Capture(Tensor output, params IReadOnlyCollection<Func<Tensor, ParameterGradient>> uses) =>
        uses.Count == 0 ? output : forward.Capture(output, uses);

    /// <summary>
    /// Indices counted from the first, int64. One outside is refused on the host: on a device it would end every later use.
    /// </summary>
    /// <param name="indices">Whole numbers [P, …].</param>
    /// <param name="lowest">The lowest allowed.</param>
    /// <param name="size">One above the highest.</param>
    /// <param name="refuse">From a number and its example, the error.</param>
    public Tensor Counted(Tensor indices, long lowest, long size, Func<float, long, TrakException> refuse)
    {
        Tensor wrong = (indices < lowest).logical_or(indices >= size).logical_or(indices.isnan());
        if (wrong.any().item<bool>())
        {
            Tensor flags = wrong.flatten().to_type(ScalarType.Int64);
            long place = flags.argmax().item<long>();
            throw refuse(indices.flatten()[place].item<float>(), indices.shape[0] == 1 ? 0 : place / (indices.numel() / indices.shape[0]));
        }

        Tensor whole = indices.to_type(ScalarType.Int64);
        return lowest < 0 ? where(whole < 0, whole + size, whole) : whole;
    }
}
