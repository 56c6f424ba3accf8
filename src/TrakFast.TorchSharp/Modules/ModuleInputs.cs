using TrakFast.Kernels;
using static TorchSharp.torch;
using FloatCheck = TrakFast.Onnx.FloatCheck;

namespace TrakFast.TorchSharp;

/// <summary>Takes a batch's arrays to tensors: whole numbers to int64, truth values as they are, all others to the type that the model computes in.</summary>
internal static class ModuleInputs
{
    /// <summary>The tensors that a model reads.</summary>
    /// <exception cref="TrakException">One is missing, or a number is not finite.</exception>
    public static Dictionary<string, Tensor> Read(string model, IReadOnlyList<string> names, Batch batch, Device device, ScalarType precision)
    {
        Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (!batch.TryGet(name, out DataArray? array))
                throw new TrakException($"The model {model} reads '{name}', which the batch lacks; it has {string.Join(", ", batch.Names)}.");
            if (array.Type.IsFloat()) CheckFinite(name, array);
            ScalarType type = array.Type.IsFloat() ? precision : array.Type == ElementType.Bool ? ScalarType.Bool : ScalarType.Int64;
            tensors.Add(name, TorchMemory.ToTensor(array, device).to_type(type));
        }

        return tensors;
    }

    private static void CheckFinite(string name, DataArray array)
    {
        ReadOnlySpan<float> values = array.Type == ElementType.Float32 ? array.Values<float>() : array.ToFloats();
        long position = FloatCheck.FirstNotFinite(values);
        if (position < 0) return;
        throw new TrakException($"'{name}' holds {values[(int)position]} in example {position / (array.Length / array.Shape[0])} of the batch; every value must be finite.");
    }
}
