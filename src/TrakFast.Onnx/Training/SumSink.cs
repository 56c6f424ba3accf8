using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Adds gradient blocks up over the batch: what training wants of the same backward pass.</summary>
internal sealed unsafe class SumSink(Workers workers, long length) : IGradientSink, IDisposable
{
    private readonly NativeBuffer<float> _sum = new(length);

    /// <summary>The sum so far, [p].</summary>
    public float* Sum => _sum.Pointer;

    public void Clear() => _sum.Clear();

    public void Accept(GradientBlock block) => GradientSum.Add(workers, block, _sum.Pointer);

    public void Dispose() => _sum.Dispose();
}
