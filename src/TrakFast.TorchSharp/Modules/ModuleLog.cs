using Microsoft.Extensions.Logging;

namespace TrakFast.TorchSharp;

/// <summary>What the engine for modules logs.</summary>
internal static partial class ModuleLog
{
    [LoggerMessage(
        20, LogLevel.Information,
        "Gradients of {Parameters} are taken by running the whole model once for each example: "
        + "no layer's input and output account for them")]
    public static partial void RunsByExample(ILogger logger, string parameters);
}
