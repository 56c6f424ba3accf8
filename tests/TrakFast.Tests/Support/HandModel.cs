using TrakFast.Kernels;

namespace TrakFast.Tests.Support;

/// <summary>A model that is a function from a batch to outputs: what a task sees of one, without weights or gradients.</summary>
internal sealed class HandModel(Func<Batch, ModelResult> forward) : IModel
{
    public string Engine => "hand";

    public MemorySpace BlockSpace => MemorySpace.Host;

    public IReadOnlyList<Parameter> Parameters => [];

    public IReadOnlyList<string> Inputs => [];

    public string WeightHash => string.Empty;

    public void Load(Checkpoint checkpoint) => throw new NotSupportedException();

    public ModelResult Forward(Batch batch) => forward(batch);

    public void Backward(Variable outputs, ParameterSelection selection, IGradientSink sink) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
