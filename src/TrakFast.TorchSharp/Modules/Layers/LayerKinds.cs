using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>Which kind of layer a module is.</summary>
internal static class LayerKinds
{
    /// <summary>The layer of a module with parameters of its own.</summary>
    /// <param name="module">The module.</param>
    /// <param name="parameters">Its own parameters, by their names in it.</param>
    /// <param name="signature">How it is called.</param>
    /// <param name="hooks">To be silenced while a module is run again.</param>
    /// <param name="tensors">The tensors of all parameters, by name.</param>
    public static Layer Of(
        nn.Module module, Dictionary<string, ModelParameter> parameters, ModuleSignature signature, LayerHooks hooks,
        IReadOnlyDictionary<string, ModuleParameter> tensors) => module switch
    {
        Linear linear => new LinearLayer(linear, parameters),
        Bilinear bilinear => new BilinearLayer(bilinear, parameters),
        ConvolutionTranspose transposed => new TransposedConvolutionLayer(transposed, parameters),
        Convolution convolution => new ConvolutionLayer(convolution, parameters),
        Embedding embedding when parameters.TryGetValue("weight", out ModelParameter? table) =>
            new EmbeddingLayer(embedding, parameters, tensors[table.Name].Tensors[0]),
        EmbeddingBag bag => new EmbeddingBagLayer(bag, parameters, signature, hooks, tensors),
        LayerNorm norm => new LayerNormLayer(norm, parameters),
        GroupNorm norm => NormalizationLayer.Of(norm, parameters),
        BatchNorm norm => NormalizationLayer.Of(norm, parameters),
        InstanceNorm norm => NormalizationLayer.Of(norm, parameters),
        PReLU slope => new PReLULayer(slope, parameters),
        _ => new ReplayedLayer(module, parameters, signature, hooks, tensors),
    };
}
