namespace TrakFast.Kernels;

/// <summary>Which random matrix P [p, k] takes a gradient to its features.</summary>
public enum ProjectionKind
{
    /// <summary>φ is the gradient itself: k = p. TRAK's NoOpProjector.</summary>
    None,

    /// <summary>Entries ±1. TRAK's default.</summary>
    Rademacher,

    /// <summary>Standard normal entries.</summary>
    Gaussian,

    /// <summary>Sparse Johnson–Lindenstrauss (count sketch): s entries ±1 in each row.</summary>
    Sjlt,
}

/// <summary>
/// A random projection as plain data. Every random bit is a pure function of (seed, model id, coordinate, column),
/// so features do not depend on device, batch, thread or shard.
/// </summary>
/// <param name="Kind">The family of the matrix.</param>
/// <param name="Dimension">Projection dimension k ≥ 1; the gradient dimension p for <see cref="ProjectionKind.None"/>.</param>
/// <param name="Seed">First word of the Philox key.</param>
/// <param name="ModelId">Second word of the Philox key: every checkpoint has its own matrix.</param>
/// <param name="Sparsity">Entries s in each row; <see cref="ProjectionKind.Sjlt"/> only.</param>
public readonly record struct Projection(ProjectionKind Kind, int Dimension, uint Seed, uint ModelId, int Sparsity = 1)
{
    /// <summary>
    /// What the accumulated ±1 or normal sums are multiplied by so that E⟨φ, φ'⟩ = ⟨g, g'⟩:
    /// 1/√k for dense matrices, 1/√s for SJLT, 1 for none.
    /// </summary>
    public double Scale => Kind switch
    {
        ProjectionKind.None => 1,
        ProjectionKind.Sjlt => 1 / Math.Sqrt(Sparsity),
        _ => 1 / Math.Sqrt(Dimension),
    };
}
