using Microsoft.Extensions.Logging;

namespace TrakFast;

/// <summary>What the library logs.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Model {ModelId}: {What}, {Done} of {Total} examples already done")]
    public static partial void Began(ILogger logger, string what, int modelId, long done, long total);

    [LoggerMessage(2, LogLevel.Information, "Model {ModelId} finalised with λ = {Lambda}")]
    public static partial void Finalized(ILogger logger, int modelId, double lambda);
}
