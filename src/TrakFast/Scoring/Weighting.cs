namespace TrakFast;

/// <summary>Where the output-to-loss gradient Q enters a score.</summary>
public enum Weighting
{
    /// <summary>TRAK's formula: φ_iᵀ (ΦᵀΦ + λI)⁻¹ φ(z) · Q_i, averaged as mean(τ) · mean(Q) over checkpoints.</summary>
    Trak,

    /// <summary>
    /// Q inside: features Q_i φ_i in the kernel matrix and on the left, then the mean over checkpoints. The kernel matrix
    /// is then the empirical Fisher of the loss.
    /// </summary>
    Loss,
}
