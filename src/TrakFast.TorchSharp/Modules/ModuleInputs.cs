using TrakFast.Kernels;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>
/// Takes a batch's arrays to tensors: whole numbers to int64, truth values as they are,
/// all others to the type that the model computes in.
/// </summary>
internal static class ModuleInputs
{
    /// <summary>The tensors that a model reads.</summary>
    /// <exception cref="TrakException">One is missing, or a number is not finite.</exception>
    public static Dictionary<string, Tensor> Read(
        string model, IReadOnlyList<string> names, Batch batch, Device device, ScalarType precision)
    {
        Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);
        foreach (string name in names)
        {
            DataArray array = InputRules.Require(batch, model, name);
            if (array.Type.IsFloat())
                InputRules.CheckFinite(name, array, array.Type == ElementType.Float32 ? array.Values<float>() : array.ToFloats());
            ScalarType type = array.Type.IsFloat() ? precision : array.Type == ElementType.Bool ? ScalarType.Bool : ScalarType.Int64;
            tensors.Add(name, TorchMemory.ToTensor(array, device).to_type(type));
        }

        return tensors;
    }
}
