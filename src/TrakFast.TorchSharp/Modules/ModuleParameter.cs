using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>A trainable parameter with the tensors that hold it; several where layers share it and torch does not know.</summary>
internal sealed record ModuleParameter(ModelParameter Parameter, IReadOnlyList<Tensor> Tensors);
