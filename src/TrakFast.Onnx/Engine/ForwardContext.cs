using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>What an operator sees of a forward pass: its inputs' and its output's memory.</summary>
internal sealed unsafe class ForwardContext(Value[] values, nint[] data, int batch, Workers workers)
{
    private Step _step = null!;
    private nint _saved;

    public Workers Workers { get; } = workers;

    /// <summary>Number of examples B.</summary>
    public int Batch { get; } = batch;

    /// <summary>The output, to be written.</summary>
    public Tensor Output => Of(_step.Output);

    /// <summary>Room for what the backward step wants to find, as asked for, for each part of the output.</summary>
    public float* Saved => (float*)_saved;

    /// <summary>Prepares for the next operator.</summary>
    public ForwardContext Enter(Step step, nint saved)
    {
        _step = step;
        _saved = saved;
        return this;
    }

    public bool Has(int input) => input < _step.Inputs.Length && _step.Inputs[input] >= 0;

    public Tensor Input(int input) => Of(_step.Inputs[input]);

    private Tensor Of(int slot) => new(values[slot], (float*)data[slot], Batch);
}
