using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TrakFast.Kernels;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>How a TorchSharp engine runs a model.</summary>
public sealed class TorchOptions
{
    /// <summary>
    /// The device that the model runs on and whose memory holds the gradient blocks: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.
    /// </summary>
    /// <value>Default <c>cpu</c>.</value>
    public string Device { get; init; } = "cpu";

    /// <summary>
    /// The type that the forward and backward pass compute in: float32, float16 or bfloat16. Gradient blocks are handed out in
    /// float32 whatever it is, and projections sum in float32.
    /// </summary>
    /// <value>Default float32.</value>
    public ElementType Precision { get; init; } = ElementType.Float32;

    /// <summary>The same, as torch calls it.</summary>
    /// <exception cref="TrakException">It is another type.</exception>
    public ScalarType Type => Precision switch
    {
        ElementType.Float32 => ScalarType.Float32,
        ElementType.Float16 => ScalarType.Float16,
        ElementType.BFloat16 => ScalarType.BFloat16,
        _ => throw new TrakException(
            $"A model runs in {ElementType.Float32}, {ElementType.Float16} or {ElementType.BFloat16}, not in {Precision}."),
    };

    /// <summary>Told what an engine found out about a model; silent by default.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
