using TrakFast.Onnx.Programs;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>
/// A program with what torch wants for it: the functions of its steps, its constants on the device, and who reads a value last.
/// </summary>
internal sealed class TorchProgram : IDisposable
{
    private readonly Tensor?[] _constants;
    private readonly List<Tensor>[] _tables;
    private readonly Device _device;
    private readonly ScalarType _type;

    public TorchProgram(GraphProgram program, Device device, ScalarType type)
    {
        Program = program;
        (_device, _type) = (device, type);
        _constants = new Tensor?[program.Values.Count];
        _tables = [.. program.Steps.Select(static _ => new List<Tensor>())];
        Functions = [.. program.Steps.Select(TorchOperatorSet.Of)];
        int[] last = new int[program.Values.Count];
        Array.Fill(last, -1);
        foreach (GraphStep step in program.Steps)
        {
            last[step.Output] = step.Index;
            for (int i = 0; i < step.Inputs.Count; i++)
            {
                if (step.Inputs[i] >= 0 && step.Reads[i]) last[step.Inputs[i]] = step.Index;
            }
        }

        foreach (int output in program.Outputs) last[output] = -1;
        ILookup<int, int> behind = Enumerable.Range(0, last.Length).Where(slot => last[slot] >= 0).ToLookup(slot => last[slot]);
        ReadLast = [.. program.Steps.Select(step => behind[step.Index].ToArray())];
    }

    public GraphProgram Program { get; }

    /// <summary>What each step does.</summary>
    public IReadOnlyList<TorchOperator> Functions { get; }

    /// <summary>For each step the values that nobody reads after it.</summary>
    public IReadOnlyList<int[]> ReadLast { get; }

    /// <summary>A value that follows from the graph alone, [1, its shape]; null for another.</summary>
    public Tensor? Constant(int slot)
    {
        ProgramValue value = Program.Values[slot];
        if (_constants[slot] is not null || value.Known is not { } known) return _constants[slot];
        return _constants[slot] = TorchMemory.FromFloats(known.Span, [1, .. value.Shape], value.Whole ? ScalarType.Float32 : _type, _device)
            .DetachFromDisposeScope();
    }

    /// <summary>Whole numbers that a step wants on the device, made when it first runs.</summary>
    /// <param name="step">The step.</param>
    /// <param name="ordinal">Which of those it wants.</param>
    /// <param name="values">The numbers.</param>
    public Tensor Table(int step, int ordinal, IEnumerable<long> values)
    {
        if (ordinal < _tables[step].Count) return _tables[step][ordinal];
        long[] elements = [.. values];
        return Keep(step, TorchMemory.FromLongs(elements, [elements.Length], _device));
    }

    /// <summary>The same for floating-point numbers, under a shape.</summary>
    public Tensor Table(int step, int ordinal, IEnumerable<float> values, long[] shape) =>
        ordinal < _tables[step].Count ? _tables[step][ordinal] : Keep(step, TorchMemory.FromFloats([.. values], shape, _type, _device));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor? tensor in _constants.Concat(_tables.SelectMany(static t => t))) tensor?.Dispose();
        Array.Clear(_constants);
        foreach (List<Tensor> tables in _tables) tables.Clear();
    }

    private Tensor Keep(int step, Tensor table)
    {
        _tables[step].Add(table.DetachFromDisposeScope());
        return table;
    }
}
