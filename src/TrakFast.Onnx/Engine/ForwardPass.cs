using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>One forward pass: every value of the graph for one batch, alive until disposed.</summary>
internal sealed unsafe class ForwardPass : ModelResult
{
    /// <summary>Most elements of one value: 64 GiB.</summary>
    public const long MostElements = 1L << 34;

    private readonly Tensor?[] _values;
    private readonly nint[] _saved;
    private readonly List<NativeBuffer<float>> _owned = [];
    private readonly HostVariable?[] _outputs;
    private readonly ExecutionPlan _plan;
    private bool _disposed;

    public ForwardPass(ExecutionPlan plan, BufferPool pool, int batch, long version)
    {
        _plan = plan;
        Pool = pool;
        Batch = batch;
        Version = version;
        _values = new Tensor?[plan.Slots];
        _saved = new nint[plan.Steps.Count];
        _outputs = new HostVariable?[plan.OutputSlots.Length];
    }

    public BufferPool Pool { get; }

    public ExecutionPlan Plan => _plan;

    public int Batch { get; }

    /// <summary>Which weights it ran with; a backward pass with others would be wrong.</summary>
    public long Version { get; }

    public bool Alive => !_disposed;

    public override IReadOnlyList<string> Names => _plan.OutputNames;

    public override Variable this[string name]
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            int index = Array.IndexOf(_plan.OutputNames, name);
            if (index < 0) throw new TrakException($"The model has no output '{name}'; it has {string.Join(", ", _plan.OutputNames)}.");
            return _outputs[index] ??= Output(index);
        }
    }

    public Tensor Value(int slot) => _values[slot]!;

    public void Set(int slot, Tensor value) => _values[slot] = value;

    public nint Saved(int step) => _saved[step];

    public void Save(int step, nint memory) => _saved[step] = memory;

    /// <summary>Memory that lives as long as the pass.</summary>
    public float* Rent(long length)
    {
        NativeBuffer<float> buffer = Pool.Rent(length);
        _owned.Add(buffer);
        return buffer.Pointer;
    }

    protected override void Dispose(bool disposing)
    {
        if (_disposed) return;
        _disposed = true;
        foreach (NativeBuffer<float> buffer in _owned) Pool.Return(buffer);
        _owned.Clear();
    }

    private HostVariable Output(int index)
    {
        Tensor value = _values[_plan.OutputSlots[index]]!;
        float[] copy = new float[value.Length];
        if (value.IsInteger)
        {
            for (int i = 0; i < copy.Length; i++) copy[i] = value.Integers[i];
        }
        else
        {
            new ReadOnlySpan<float>(value.Data, copy.Length).CopyTo(copy);
        }

        return HostVariable.Leaf(copy, value.Shape, new OutputSource(this, index));
    }
}

/// <summary>Where a variable came from: an output of a forward pass.</summary>
/// <param name="Pass">The pass.</param>
/// <param name="Output">Which of its outputs.</param>
internal sealed record OutputSource(ForwardPass Pass, int Output);
