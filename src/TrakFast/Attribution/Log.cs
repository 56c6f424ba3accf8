using Microsoft.Extensions.Logging;

namespace TrakFast;

/// <summary>What the library logs.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Model {ModelId}: {What}, {Done} of {Total} examples already done")]
    public static partial void Began(ILogger logger, string what, int modelId, long done, long total);

    [LoggerMessage(2, LogLevel.Information, "Model {ModelId} finalized with λ = {Lambda}")]
    public static partial void Finalized(ILogger logger, int modelId, double lambda);

    [LoggerMessage(
        3, LogLevel.Warning,
        "A batch of one example has nothing to contrast with, so its Q is 0; use larger batches, or Q over the contrast set")]
    public static partial void BatchOfOne(ILogger logger);
}
