using System.Runtime.InteropServices;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>A selected parameter's elements that an input holds: the first one's coordinate, and strides along the input's axes.</summary>
internal readonly record struct ParameterUse(long Offset, long[] Strides);

/// <summary>
/// What an operator sees of a backward pass. A gradient is owned by the operator that took or rented it, by the inputs it
/// was given to, or by the pool; several inputs may share one that none of them changes.
/// </summary>
internal sealed unsafe class BackwardContext
{
    private readonly ForwardPass _pass;
    private readonly ParameterSelection _selection;
    private readonly IGradientSink _sink;
    private readonly Schedule _schedule;
    private readonly NativeBuffer<float>?[] _gradients;

    // How many slots beside one hold a gradient, where several do.
    private readonly Dictionary<NativeBuffer<float>, int> _shared = [];
    private Step _step = null!;

    public BackwardContext(ForwardPass pass, Schedule schedule, IGradientSink sink, Workers workers)
    {
        _pass = pass;
        _selection = schedule.Selection;
        _schedule = schedule;
        _sink = sink;
        Workers = workers;
        _gradients = new NativeBuffer<float>?[pass.Program.Values.Length];
    }

    public Workers Workers { get; }

    /// <summary>Number of examples B.</summary>
    public int Batch => _pass.Batch;

    /// <summary>The output's value.</summary>
    public Tensor Output => _pass.Value(_step.Output);

    /// <summary>What the forward step saved.</summary>
    public float* Saved => (float*)_pass.Saved(_step.Index);

    /// <summary>The output's gradient, [B, its shape].</summary>
    public float* Gradient => _gradients[_step.Output]!.Pointer;

    public Tensor Input(int input) => _pass.Value(_step.Inputs[input]);

    public bool Has(int input) => input < _step.Inputs.Length && _step.Inputs[input] >= 0;

    /// <summary>Whether a selected parameter lies upstream of an input.</summary>
    public bool Wants(int input) => Has(input) && _schedule.WantsOf(_step)[input];

    /// <summary>The selected parameter's elements that a wanted input holds unchanged, if it does.</summary>
    public ParameterUse? Use(int input) => _pass.Program.Values[_step.Inputs[input]].View is { } view
        ? new ParameterUse(_selection.Offset(_pass.Program.Graph.Parameters[view.Parameter].Name) + view.Offset, view.Strides)
        : null;

    /// <summary>
    /// The coordinate of the first of the elements that a wanted input holds, where they lie one behind the other in a parameter.
    /// </summary>
    public long? DenseUse(int input)
    {
        Value value = _pass.Program.Values[_step.Inputs[input]];
        return value.View is { } view && view.IsDense(value.Shape) ? Use(input)!.Value.Offset : null;
    }

    /// <summary>Takes the output's gradient over, to change it in place; a copy where others hold it too.</summary>
    public NativeBuffer<float> TakeGradient()
    {
        NativeBuffer<float> taken = _gradients[_step.Output]!;
        _gradients[_step.Output] = null;
        if (!_shared.ContainsKey(taken)) return taken;
        NativeBuffer<float> copy = Copy(taken, Batch * Output.Length);
        Release(taken);
        return copy;
    }

    /// <summary>Gives an input of as many elements the output's gradient as it is. Who changes it in place later copies it first.</summary>
    public void Share(int input)
    {
        NativeBuffer<float> gradient = _gradients[_step.Output]!;
        int slot = _step.Inputs[input];
        long length = Batch * Output.Length;
        if (DenseUse(input) is { } offset)
        {
            Emit(new DenseBlock(Batch, offset, Output.Length, MemoryView.Of(gradient.Pointer, length)));
        }
        else if (_gradients[slot] is not { } sum)
        {
            _gradients[slot] = gradient;
            _shared[gradient] = _shared.GetValueOrDefault(gradient) + 1;
        }
        else
        {
            if (_shared.ContainsKey(sum))
            {
                _gradients[slot] = Copy(sum, length);
                Release(sum);
                sum = _gradients[slot]!;
            }

            Vectors.Add(Workers, gradient.Pointer, sum.Pointer, length);
        }
    }

    public NativeBuffer<float> Rent(long length) => _pass.Pool.Rent(length);

    /// <summary>Room for an input's gradient, [B, its shape], not cleared.</summary>
    public NativeBuffer<float> RentFor(int input) => Rent(Batch * Input(input).Length);

    /// <summary>The same, cleared.</summary>
    public NativeBuffer<float> RentZero(int input)
    {
        NativeBuffer<float> buffer = RentFor(input);
        NativeMemory.Clear(buffer.Pointer, (nuint)(Batch * Input(input).Length * sizeof(float)));
        return buffer;
    }

    public void Return(NativeBuffer<float> buffer) => _pass.Pool.Return(buffer);

    /// <summary>Hands a block to the sink, with the parameter it belongs to; an empty parameter behind all others is none.</summary>
    public void Emit(GradientBlock block) =>
        _sink.Accept(block);

    /// <summary>
    /// Gives an input its gradient, [B, its shape], and the ownership of the buffer. A parameter's becomes a block at
    /// once; another value's is added to what other readers of the value gave.
    /// </summary>
    public void Give(int input, NativeBuffer<float> gradient)
    {
        int slot = _step.Inputs[input];
        long length = _pass.Program.Values[slot].Length;
        if (DenseUse(input) is { } offset)
        {
            Emit(new DenseBlock(Batch, offset, length, MemoryView.Of(gradient.Pointer, Batch * length)));
            Return(gradient);
            return;
        }

        Accumulate(slot, gradient, Batch * length);
    }

    /// <summary>Starts at an output of the graph.</summary>
    public void Seed(int slot, ReadOnlySpan<float> gradient)
    {
        NativeBuffer<float> buffer = Rent(gradient.Length);
        gradient.CopyTo(new Span<float>(buffer.Pointer, gradient.Length));
        Accumulate(slot, buffer, gradient.Length);
    }

    /// <summary>Prepares for the next operator; false where no gradient arrives or none is wanted.</summary>
    public bool Enter(Step step)
    {
        _step = step;
        return _gradients[step.Output] is not null && _schedule.Wanted[step.Output];
    }

    /// <summary>Frees the gradient of the operator's output.</summary>
    public void Leave() => Free(_step.Output);

    /// <summary>Frees what is left, after an error too.</summary>
    public void FreeAll()
    {
        for (int slot = 0; slot < _gradients.Length; slot++) Free(slot);
    }

    private void Accumulate(int slot, NativeBuffer<float> gradient, long length)
    {
        if (_gradients[slot] is not { } sum)
        {
            _gradients[slot] = gradient;
            return;
        }

        if (_shared.ContainsKey(sum))
        {
            // The sum is made in what is given.
            (_gradients[slot], gradient, sum) = (gradient, sum, gradient);
        }

        Vectors.Add(Workers, gradient.Pointer, sum.Pointer, length);
        Release(gradient);
    }

    private NativeBuffer<float> Copy(NativeBuffer<float> gradient, long length)
    {
        NativeBuffer<float> copy = Rent(length);
        Buffer.MemoryCopy(gradient.Pointer, copy.Pointer, length * sizeof(float), length * sizeof(float));
        return copy;
    }

    // One of those who hold a gradient lets it go.
    private void Release(NativeBuffer<float> gradient)
    {
        if (!_shared.TryGetValue(gradient, out int others)) Return(gradient);
        else if (others == 1) _shared.Remove(gradient);
        else _shared[gradient] = others - 1;
    }

    private void Free(int slot)
    {
        if (_gradients[slot] is { } gradient) Release(gradient);
        _gradients[slot] = null;
    }
}
