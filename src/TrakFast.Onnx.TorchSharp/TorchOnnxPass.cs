using TrakFast.Onnx.Programs;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>
/// One forward pass of a graph. An output that a task reads begins a graph of its own in torch, so that the gradients it gets
/// are seen one by one before they go back through the network.
/// </summary>
internal sealed class TorchOnnxPass(
    TorchOnnxModel model, GraphProgram program, GradientPaths paths, long version, int batch, PassScope scope) : ModelResult
{
    private readonly Tensor?[] _outputs = new Tensor?[program.Outputs.Count];
    private readonly TorchVariable?[] _leaves = new TorchVariable?[program.Outputs.Count];

    public GraphProgram Program { get; } = program;

    public GradientPaths Paths { get; } = paths;

    /// <summary>Which weights it ran with; a backward pass with others would be wrong.</summary>
    public long Version { get; } = version;

    /// <summary>Number of examples B.</summary>
    public int Batch { get; } = batch;

    /// <summary>What the parameters' gradients are made of.</summary>
    public IReadOnlyList<ParameterGradient> Gradients { get; private set; } = [];

    /// <summary>Whether a backward pass has used up what another would need.</summary>
    public bool Backpropagated { get; set; }

    public bool Disposed { get; private set; }

    /// <summary>The outputs that were read, with what the task's graph begins at and what the network's ends at.</summary>
    public IEnumerable<(int Output, Tensor Leaf, Tensor End)> Read =>
        _leaves
            .Select((leaf, i) => (i, leaf?.Tensor, _outputs[i]))
            .Where(static o => o.Tensor is not null)
            .Select(static o => (o.i, o.Tensor!, o.Item3!));

    public override IReadOnlyList<string> Names => Program.OutputNames;

    public override Variable this[string name]
    {
        get
        {
            ObjectDisposedException.ThrowIf(Disposed, this);
            int index = Program.OutputNames.ToList().IndexOf(name);
            if (index < 0) throw PassRules.NoOutput(name, Names);
            return _leaves[index] ??= Leaf(index);
        }
    }

    /// <summary>Takes over what a forward pass has made.</summary>
    public void Complete(TorchForward forward)
    {
        for (int i = 0; i < _outputs.Length; i++) _outputs[i] = scope.Attach(forward.ValueOf(Program.Outputs[i]).alias());
        Gradients = forward.Gradients;
    }

    protected override void Dispose(bool disposing)
    {
        if (Disposed) return;
        Disposed = true;
        model.Ended(this);
        scope.Dispose();
    }

    private TorchVariable Leaf(int index)
    {
        ProgramValue value = Program.Values[Program.Outputs[index]];
        long[] shape = [.. Program.OutputShape(index, Batch)];
        using IDisposable temporary = NewDisposeScope();
        Tensor own = _outputs[index]!.detach();
        long[] parts = own.shape;
        if (!value.Batched) own = own[0];
        else if (parts[0] != Batch) own = own.expand([Batch, .. parts[1..]]);
        return new TorchVariable(scope.Attach(own.reshape(shape).to_type(ScalarType.Float32).clone().requires_grad_()));
    }
}
