using TrakFast.Kernels;

namespace TrakFast.Evaluation;

/// <summary>How <see cref="LinearDatamodelingScore"/> is measured.</summary>
public sealed class LinearDatamodelingOptions
{
    /// <summary>Bootstrap resamples of the targets.</summary>
    /// <value>1,000 unless set.</value>
    public int Resamples { get; init; } = 1000;

    /// <summary>Confidence of the interval.</summary>
    /// <value>0.95 unless set.</value>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Seed of the bootstrap.</summary>
    /// <value>0 unless set.</value>
    public ulong Seed { get; init; }

    /// <summary>Threads to use; the result does not depend on them.</summary>
    /// <value>The caller's thread alone unless set.</value>
    public Workers Workers { get; init; } = Workers.Single;
}
