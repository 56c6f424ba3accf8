using System.Runtime.InteropServices;
using TorchSharp;
using TrakFast.Onnx.Programs;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>
/// Runs a program's steps in torch. Parameters take no part in torch's graph as such: where a layer's weight is wanted, the
/// layer's output is a point of the graph whose gradient gives a block of factors; any other use of a parameter reads a copy
/// for each example, whose gradient is the block.
/// </summary>
internal sealed class TorchForward(
    TorchProgram program, GradientPaths paths, TorchWeights weights, Device device, ScalarType type, int batch, PassScope scope)
{
    private readonly Tensor?[] _values = new Tensor?[program.Program.Values.Count];
    private readonly Dictionary<string, Tensor> _expanded = new(StringComparer.Ordinal);

    public TorchProgram Program { get; } = program;

    public Device Device { get; } = device;

    /// <summary>The type of floating-point values.</summary>
    public ScalarType Type { get; } = type;

    /// <summary>Number of examples B.</summary>
    public int Batch { get; } = batch;

    /// <summary>What the parameters' gradients are made of, in the order of their uses.</summary>
    public List<ParameterGradient> Gradients { get; } = [];

    /// <summary>Gives the value of one of the graph's inputs.</summary>
    public void Set(int slot, Tensor value) => _values[slot] = value;

    /// <summary>A value [P, its shape], as long as somebody will read it.</summary>
    public Tensor ValueOf(int slot) =>
        _values[slot] ?? Program.Constant(slot) ?? (Program.Program.Values[slot].Stored
            ? weights[Program.Program.Values[slot].Name]
            : throw new InvalidOperationException($"The value '{Program.Program.Values[slot].Name}' was freed before its last reader."));

    /// <summary>Whether the gradient of a step's input is wanted.</summary>
    public bool Wants(GraphStep step, int input) => paths.Wants(step, input);

    /// <summary>Runs every step.</summary>
    public void Run()
    {
        // Without a parameter to reach, torch keeps nothing for a backward pass.
        using (set_grad_enabled(paths.Selection.Length > 0))
        {
            foreach (GraphStep step in Program.Program.Steps)
            {
                Tensor output = Run(step);
                _values[step.Output] = output;
                foreach (int slot in Program.ReadLast[step.Index])
                {
                    _values[slot]?.Dispose();
                    _values[slot] = null;
                }
            }
        }
    }

    /// <summary>A parameter's elements for each example, [B, the input's shape], as a view of one copy for all uses.</summary>
    public Tensor Expanded(ParameterElements parameter, ProgramValue value)
    {
        long length = parameter.Of.Length;
        if (!_expanded.TryGetValue(parameter.Name, out Tensor? copy))
        {
            copy = scope.Attach(weights[parameter.Name].reshape(1, length).expand(Batch, length).clone().requires_grad_());
            _expanded.Add(parameter.Name, copy);
            Gradients.Add(new DenseGradient(parameter.Name, copy, length));
        }

        return parameter.IsDense
            ? copy.narrow(1, parameter.Offset, value.Length).reshape([Batch, .. value.Shape])
            : copy.as_strided([Batch, .. value.Shape], [length, .. parameter.Strides], parameter.Offset);
    }

    /// <summary>Makes a tensor a point where the backward pass leaves its gradient.</summary>
    public Tensor Capture(Tensor output, IEnumerable<Func<Tensor, ParameterGradient>> uses)
    {
        Tensor point = scope.Attach(output.requires_grad ? output : output.detach().requires_grad_());
        Gradients.AddRange(uses.Select(use => use(point).KeptBy(scope)));
        return point.alias();
    }

    private Tensor Run(GraphStep step)
    {
        using DisposeScope temporary = NewDisposeScope();
        try
        {
            Tensor output = Program.Functions[step.Index](new TorchStep(this, step));
            ProgramValue value = Program.Program.Values[step.Output];
            long[] shape = output.shape;
            if (!shape.Skip(1).SequenceEqual(value.Shape) || (shape[0] != 1 && shape[0] != Batch))
                throw new InvalidOperationException(
                    $"{step.Node.OpType} '{step.Node.Name}' made {Shapes.Text(shape)} for {Batch} examples of {Shapes.Text(value.Shape)}.");
            return output.MoveToOuterDisposeScope();
        }
        catch (ExternalException error)
        {
            throw step.Node.Wrong($"failed in torch ({TorchErrors.Line(error)})");
        }
    }
}
