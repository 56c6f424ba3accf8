using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>One output of a node: its operator, the slots it reads (−1 for an optional input left out) and the one it fills.</summary>
/// <param name="Index">Its place among the steps.</param>
/// <param name="Node">The node.</param>
/// <param name="Operator">What runs.</param>
/// <param name="Inputs">Slots of the inputs.</param>
/// <param name="Reads">Which of them a forward pass reads.</param>
/// <param name="Output">Slot of the output.</param>
/// <param name="Saved">float32 elements saved beside the output, for each part of it.</param>
internal sealed record Step(int Index, GraphNode Node, Operator Operator, int[] Inputs, bool[] Reads, int Output, long Saved);

/// <summary>
/// A graph made executable for inputs of given shapes and any number of examples. It holds no values but constants, so
/// that clones of a model share it.
/// </summary>
internal sealed class Program(OnnxGraph graph, Value[] values, Step[] steps, int[] inputs, int[] initializers, int[] outputs)
{
    private Schedule? _last;
    private GraphProgram? _public;

    public OnnxGraph Graph { get; } = graph;

    /// <summary>Every value by its slot.</summary>
    public Value[] Values { get; } = values;

    /// <summary>What runs, each behind those whose values it reads.</summary>
    public Step[] Steps { get; } = steps;

    /// <summary>Slots of the graph's inputs.</summary>
    public int[] Inputs { get; } = inputs;

    /// <summary>Slots of the stored arrays.</summary>
    public int[] Initializers { get; } = initializers;

    /// <summary>Slots of the graph's outputs.</summary>
    public int[] Outputs { get; } = outputs;

    /// <summary>Where each value lies that follows from the graph alone, by its slot; 0 for the others.</summary>
    public nint[] Constants { get; } = [.. values.Select(
        static v => v.Constant is { } constant ? System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(constant, 0) : 0)];

    /// <summary>What engines elsewhere see of it.</summary>
    public GraphProgram Public => _public ??= new GraphProgram(this);

    public string[] OutputNames { get; } = [.. graph.Outputs.Select(static o => o.Name)];

    /// <summary>An output's shape for a batch: each example's own part behind the examples' axis; what all share as it is.</summary>
    /// <exception cref="TrakException">The output's examples lie elsewhere, or it depends on their number.</exception>
    public long[] OutputShape(int index, int batch)
    {
        Value value = Values[Outputs[index]];
        long[] shape = value.Shape;
        if (value.Placement is { HasAxis: true } placed && (placed.Axis != 0 || shape[0] != 1))
            throw new TrakException(
                $"The output '{OutputNames[index]}' {value} does not hold its examples on axis 0, where a task wants them.");
        if (value.Marks is not null)
            throw new TrakException($"The output '{value.Name}' {value} depends on the number of examples or on their indices.");
        return value.Batched ? [batch, .. shape.Length > 0 && shape[0] == 1 ? shape[1..] : shape] : shape;
    }

    /// <summary>
    /// What is kept and freed when, for these parameters. Clones share the program: the reference is replaced as a whole.
    /// </summary>
    public Schedule For(ParameterSelection selection)
    {
        Schedule? last = _last;
        return last?.Selection == selection ? last : _last = new Schedule(this, selection);
    }
}
