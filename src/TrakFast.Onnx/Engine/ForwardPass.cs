using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>One forward pass: the values of the graph for one batch that somebody still wants.</summary>
internal sealed unsafe class ForwardPass : ModelResult
{
    private readonly NativeBuffer<float>?[] _owned;
    private readonly NativeBuffer<float>?[] _saved;
    private readonly HostVariable?[] _outputs;
    private readonly Stack<HostArrays> _idleArrays;
    private readonly HostArrays _arrays;
    private bool _disposed;

    public ForwardPass(Schedule schedule, Weights weights, BufferPool pool, Stack<HostArrays> arrays, int batch)
    {
        Schedule = schedule;
        Pool = pool;
        _idleArrays = arrays;
        _arrays = arrays.TryPop(out HostArrays? idle) ? idle : new HostArrays();
        Batch = batch;
        Version = weights.Version;
        Data = [.. Program.Constants];
        _owned = new NativeBuffer<float>?[Program.Values.Length];
        _saved = new NativeBuffer<float>?[Program.Steps.Length];
        _outputs = new HostVariable?[Program.Outputs.Length];
        for (int i = 0; i < Program.Initializers.Length; i++)
        {
            if (Program.Values[Program.Initializers[i]].Constant is null) Data[Program.Initializers[i]] = (nint)weights.Data(i);
        }
    }

    public Schedule Schedule { get; }

    public Program Program => Schedule.Program;

    public BufferPool Pool { get; }

    public int Batch { get; }

    /// <summary>Which weights it ran with; a backward pass with others would be wrong.</summary>
    public long Version { get; }

    /// <summary>Where each value lies.</summary>
    public nint[] Data { get; }

    public bool Alive => !_disposed;

    /// <summary>Whether a backward pass has freed what another would need.</summary>
    public bool Backpropagated { get; private set; }

    public override IReadOnlyList<string> Names => Program.OutputNames;

    public override Variable this[string name]
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            int index = Array.IndexOf(Program.OutputNames, name);
            if (index < 0) throw PassRules.NoOutput(name, Names);
            return _outputs[index] ??= Output(index);
        }
    }

    public Tensor Value(int slot) => new(Program.Values[slot], (float*)Data[slot], Batch);

    /// <summary>What a step saved.</summary>
    public nint Saved(int step) => _saved[step] is { } saved ? (nint)saved.Pointer : 0;

    /// <summary>Makes room for a value.</summary>
    public float* Allocate(int slot)
    {
        Value value = Program.Values[slot];
        NativeBuffer<float> buffer = Pool.Rent(value.Length * (value.Separate ? Batch : 1));
        _owned[slot] = buffer;
        Data[slot] = (nint)buffer.Pointer;
        return buffer.Pointer;
    }

    /// <summary>Runs every step.</summary>
    public void Run(Workers workers)
    {
        ForwardContext context = new(Program.Values, Data, Batch, workers);
        foreach (Step step in Program.Steps)
        {
            Value output = Program.Values[step.Output];
            if (step.Operator.IsView)
            {
                Data[step.Output] = Data[step.Inputs[0]];
            }
            else
            {
                if (step.Saved > 0) _saved[step.Index] = Pool.Rent(step.Saved * (output.Separate ? Batch : 1));
                if (Schedule.TakenOver[step.Index] is >= 0 and int root) TakeOver(root, step.Output);
                else Allocate(step.Output);
                step.Operator.Forward(context.Enter(step, Saved(step.Index)));
                if (!Schedule.KeepsSaved[step.Index]) FreeSaved(step.Index);
            }

            foreach (int slot in Schedule.AfterForward[step.Index]) Free(slot);
        }
    }

    /// <summary>Frees what no backward step before this one wants.</summary>
    public void Passed(Step step)
    {
        Backpropagated = true;
        foreach (int slot in Schedule.AfterBackward[step.Index]) Free(slot);
        FreeSaved(step.Index);
    }

    protected override void Dispose(bool disposing)
    {
        if (_disposed) return;
        _disposed = true;
        for (int slot = 0; slot < _owned.Length; slot++) Free(slot);
        for (int step = 0; step < _saved.Length; step++) FreeSaved(step);
        _arrays.TakeBack();
        _idleArrays.Push(_arrays);
    }

    private void TakeOver(int root, int slot)
    {
        (_owned[slot], _owned[root]) = (_owned[root], null);
        Data[slot] = Data[root];
    }

    private void Free(int slot)
    {
        if (_owned[slot] is not { } buffer) return;
        Pool.Return(buffer);
        _owned[slot] = null;
        Data[slot] = 0;
    }

    private void FreeSaved(int step)
    {
        if (_saved[step] is not { } buffer) return;
        Pool.Return(buffer);
        _saved[step] = null;
    }

    private HostVariable Output(int index)
    {
        Value value = Program.Values[Program.Outputs[index]];
        long[] shape = Program.OutputShape(index, Batch);
        Tensor tensor = Value(value.Slot);
        float[] copy = _arrays.Floats(value.Batched ? Batch * value.Length : value.Length);
        for (int b = 0; b < (value.Batched ? Batch : 1); b++)
        {
            Span<float> part = copy.AsSpan(checked((int)(b * value.Length)), (int)value.Length);
            if (value.Numbers is null) new ReadOnlySpan<float>(tensor.Data + (b * tensor.Stride), part.Length).CopyTo(part);
            else for (int i = 0; i < part.Length; i++) part[i] = value.Numbers[i];
        }

        return HostVariable.Leaf(_arrays, copy, shape, new OutputSource(this, index));
    }
}

/// <summary>Where a variable came from: an output of a forward pass.</summary>
/// <param name="Pass">The pass.</param>
/// <param name="Output">Which of its outputs.</param>
internal sealed record OutputSource(ForwardPass Pass, int Output);
