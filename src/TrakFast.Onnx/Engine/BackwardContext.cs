using System.Runtime.InteropServices;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>A selected parameter's elements that an input holds: the first one's coordinate, and strides along the input's axes.</summary>
internal readonly record struct ParameterUse(long Offset, long[] Strides);

/// <summary>
/// What an operator sees of a backward pass. A gradient has one owner: the operator that took or rented it, the input it
/// was given to, or the pool.
/// </summary>
internal sealed unsafe class BackwardContext
{
    private readonly ForwardPass _pass;
    private readonly ParameterSelection _selection;
    private readonly IGradientSink _sink;
    private readonly bool[] _wanted;
    private readonly NativeBuffer<float>?[] _gradients;
    private Step _step = null!;

    public BackwardContext(ForwardPass pass, ParameterSelection selection, bool[] wanted, IGradientSink sink, Workers workers)
    {
        _pass = pass;
        _selection = selection;
        _wanted = wanted;
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
    public bool Wants(int input) => Has(input) && _wanted[_step.Inputs[input]] && TrainablePaths.Carries(_step.Node, input);

    /// <summary>The selected parameter's elements that a wanted input holds unchanged, if it does.</summary>
    public ParameterUse? Use(int input) => _pass.Program.Values[_step.Inputs[input]].View is { } view
        ? new ParameterUse(_selection.Offset(_pass.Program.Graph.Parameters[view.Parameter].Name) + view.Offset, view.Strides)
        : null;

    /// <summary>The coordinate of the first of the elements that a wanted input holds, where they lie one behind the other in a parameter.</summary>
    public long? DenseUse(int input)
    {
        Value value = _pass.Program.Values[_step.Inputs[input]];
        return value.View is { } view && view.IsDense(value.Shape) ? Use(input)!.Value.Offset : null;
    }

    /// <summary>Takes the output's gradient over, to change it in place.</summary>
    public NativeBuffer<float> TakeGradient()
    {
        NativeBuffer<float> taken = _gradients[_step.Output]!;
        _gradients[_step.Output] = null;
        return taken;
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

    /// <summary>Hands a block to the sink.</summary>
    public void Emit(GradientBlock block) => _sink.Accept(block);

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
        return _gradients[step.Output] is not null && _wanted[step.Output];
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

        Vectors.Add(Workers, gradient.Pointer, sum.Pointer, length);
        Return(gradient);
    }

    private void Free(int slot)
    {
        if (_gradients[slot] is { } gradient) Return(gradient);
        _gradients[slot] = null;
    }
}
