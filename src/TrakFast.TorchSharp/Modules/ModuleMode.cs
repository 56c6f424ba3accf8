using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>Refuses modules whose results are random or depend on the other examples of the batch.</summary>
internal static class ModuleMode
{
    /// <summary>Throws where a module is in such a mode.</summary>
    /// <param name="modules">Modules with their names; the model itself has none.</param>
    public static void Check(IReadOnlyList<(string Name, nn.Module Module)> modules)
    {
        foreach ((string name, nn.Module module) in modules)
        {
            if (Trouble(module) is not { } trouble) continue;
            string what = module is jit.ScriptModule ? "The TorchScript model" : $"{module.GetType().Name} '{name}'";
            throw new TrakException($"{what} {trouble}.");
        }
    }

    private static string? Trouble(nn.Module module) => module switch
    {
        BatchNorm { track_running_stats: false } =>
            "has no running statistics, so it normalizes over the examples of a batch; use one with track_running_stats, or another norm",
        BatchNorm { training: true } => "is in training mode, so it normalizes over the examples of a batch; call eval() on the model",
        InstanceNorm { training: true, track_running_stats: true } =>
            "is in training mode, so its running statistics change; call eval() on the model",
        Dropout { training: true, p: > 0 } d => Drops(d.p),
        Dropout1d { training: true, p: > 0 } d => Drops(d.p),
        Dropout2d { training: true, p: > 0 } d => Drops(d.p),
        Dropout3d { training: true, p: > 0 } d => Drops(d.p),
        AlphaDropout { training: true, p: > 0 } d => Drops(d.p),
        FeatureAlphaDropout { training: true, p: > 0 } d => Drops(d.p),
        RReLU { training: true } => "is in training mode, so its slopes are random; call eval() on the model",
        MultiheadAttention or TransformerEncoderLayer or TransformerDecoderLayer or TransformerEncoder
        or TransformerDecoder or Transformer or LSTM or GRU or RNN or jit.ScriptModule
            when module.training => "is in training mode, in which it may drop values at random; call eval() on the model",
        _ => null,
    };

    private static string Drops(double p) =>
        FormattableString.Invariant($"(p = {p}) is in training mode, so it drops values at random; call eval() on the model");
}
