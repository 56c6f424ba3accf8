namespace TrakFast.Datasets;

/// <summary>What a <see cref="SourceDataset"/> may use.</summary>
public sealed class SourceDatasetOptions
{
    /// <summary>Threads that decode.</summary>
    /// <value>The number of processors by default.</value>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Bytes of decoded pixels and tokens to keep for later passes.</summary>
    /// <value>512 MiB by default.</value>
    public long KeptBytes { get; init; } = 512L << 20;
}
