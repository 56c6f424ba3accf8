using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>A buffer that goes back to the pool at the end of a scope.</summary>
internal readonly unsafe ref struct PooledBuffer(BackwardContext context, NativeBuffer<float> buffer)
{
    public float* Pointer => buffer.Pointer;

    public void Dispose() => context.Return(buffer);
}
