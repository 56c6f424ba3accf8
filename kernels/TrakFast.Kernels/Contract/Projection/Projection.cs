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

    /// <summary>
    /// A Kronecker product of two Rademacher matrices for each large parameter, folded into k columns by SJLT (LoGra; Choe et al.,
    /// «What is Your Data Worth to GPT?», 2024): a layer's gradient is never written out. Other parameters go by SJLT.
    /// </summary>
    Kronecker,
}

/// <summary>
/// A random projection as plain data. Every random bit is a pure function of (seed, model id, coordinate, column),
/// so features do not depend on device, batch, thread or shard.
/// </summary>
/// <param name="Kind">The family of the matrix.</param>
/// <param name="Dimension">Projection dimension k ≥ 1; the gradient dimension p for <see cref="ProjectionKind.None"/>.</param>
/// <param name="Seed">First word of the Philox key.</param>
/// <param name="ModelId">Second word of the Philox key: every checkpoint has its own matrix.</param>
/// <param name="Sparsity">Entries s in each row; <see cref="ProjectionKind.Sjlt"/> and <see cref="ProjectionKind.Kronecker"/> only.</param>
public readonly record struct Projection(ProjectionKind Kind, int Dimension, uint Seed, uint ModelId, int Sparsity = 1)
{
    /// <summary>What the accumulated sums are multiplied by so that E⟨φ, φ'⟩ = ⟨g, g'⟩; see <see cref="ProjectionFamily.Scale"/>.</summary>
    public double Scale => ProjectionFamily.Of(Kind).Scale(Dimension, Sparsity);

    /// <summary>
    /// Rows of either Rademacher factor of a Kronecker projection, kO = kI: the root of k, rounded up to a multiple of 16, so that
    /// the product has at least k entries.
    /// </summary>
    public int FactorDimension => 16 * (int)Math.Ceiling(Math.Sqrt(Dimension) / 16);

    /// <summary>
    /// Whether Kronecker factors a parameter: one that is larger than the factors both ways. A smaller one, a bias or a scale, goes by
    /// SJLT, which then costs less and is more exact.
    /// </summary>
    public bool Factors(in ParameterMatrix parameter) =>
        Kind == ProjectionKind.Kronecker && parameter.Rows > FactorDimension && parameter.Columns > FactorDimension;
}
