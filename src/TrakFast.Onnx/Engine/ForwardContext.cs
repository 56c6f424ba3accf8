using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>What an operator sees of a forward pass: its inputs, and where its output goes.</summary>
internal sealed unsafe class ForwardContext
{
    private readonly ForwardPass _pass;
    private PlanStep _step = null!;

    public ForwardContext(ForwardPass pass, Workers workers)
    {
        _pass = pass;
        Workers = workers;
    }

    public Workers Workers { get; }

    /// <summary>Number of examples B.</summary>
    public int Batch => _pass.Batch;

    /// <summary>The number of examples that the file states, or null where it leaves it open.</summary>
    public long? StatedBatch => _pass.Plan.StatedBatch;

    /// <summary>Prepares for the next operator.</summary>
    public void Enter(PlanStep step) => _step = step;

    public bool Has(int input) => input < _step.Inputs.Length && _step.Inputs[input] >= 0;

    /// <summary>A float32 input.</summary>
    public Tensor Input(int input)
    {
        Tensor value = Any(input);
        return value.IsInteger ? throw _step.Node.Wrong($"reads whole numbers from '{_step.Node.Inputs[input]}' where it wants floating-point ones") : value;
    }

    /// <summary>An input of any type.</summary>
    public Tensor Any(int input) => _pass.Value(_step.Inputs[input]);

    /// <summary>An input of whole numbers that all examples share and that do not depend on their number.</summary>
    public long[] Integers(int input)
    {
        Tensor value = Shared(input);
        return value.Counted?.Contains(true) == true ? throw Counted(input) : value.Integers;
    }

    /// <summary>An input that holds the sizes of a shape, of which the first alone may be the number of examples.</summary>
    public Tensor Sizes(int input)
    {
        Tensor value = Shared(input);
        if (value.Rank != 1) throw _step.Node.Wrong($"reads a shape from '{_step.Node.Inputs[input]}', which is {value}");
        return value.Counted?.Skip(1).Contains(true) == true ? throw Counted(input) : value;
    }

    /// <summary>Makes room for the output.</summary>
    public Tensor Allocate(long[] shape, bool batched)
    {
        Tensor value = new(_pass.Rent(Count(shape)), shape, batched);
        _pass.Set(_step.Output, value);
        return value;
    }

    /// <summary>Makes the output another view of an input's memory.</summary>
    public void View(Tensor source, long[] shape)
    {
        Tensor view = source.IsInteger ? new Tensor(source.Integers, shape, source.Batched, source.Counted) : new Tensor(source.Data, shape, source.Batched);
        _pass.Set(_step.Output, view);
    }

    /// <summary>Makes the output whole numbers.</summary>
    public void SetIntegers(long[] values, long[] shape, bool batched, bool[]? counted = null) =>
        _pass.Set(_step.Output, new Tensor(values, shape, batched, counted));

    /// <summary>Room that lives as long as the pass and that the backward step finds again.</summary>
    public float* Save(long length)
    {
        float* saved = _pass.Rent(length);
        _pass.Save(_step.Index, (nint)saved);
        return saved;
    }

    private Tensor Shared(int input)
    {
        Tensor value = Any(input);
        return value.IsInteger && !value.Batched
            ? value
            : throw _step.Node.Wrong($"wants whole numbers, the same for all examples, from '{_step.Node.Inputs[input]}'");
    }

    private TrakException Counted(int input) =>
        _step.Node.Wrong($"reads the number of examples from '{_step.Node.Inputs[input]}', so that its result would depend on the batch");

    /// <summary>Number of elements of a shape, refused where no value could have it.</summary>
    public long Count(long[] shape)
    {
        Int128 count = 1;
        foreach (long size in shape)
        {
            if (size < 0) throw _step.Node.Wrong($"would make a value of the impossible shape {Shapes.Text(shape)}");
            count = Int128.Min(count * size, long.MaxValue);
        }

        return count <= ForwardPass.MostElements
            ? (long)count
            : throw _step.Node.Wrong($"would make a value of shape {Shapes.Text(shape)}, more than {ForwardPass.MostElements} elements; use a smaller batch");
    }
}
