namespace TrakFast.Kernels;

/// <summary>
/// What there is to know of each family of random matrices: its words, and the scale of its entries. The one table of them.
/// </summary>
/// <param name="Kind">The family.</param>
/// <param name="Word">What it is called on a command line and in a save directory.</param>
/// <param name="TrakWord">What MadryLab/trak calls it in <c>metadata.json</c>.</param>
/// <param name="IsSparse">Whether a row has s entries only.</param>
/// <param name="Scale">
/// What the accumulated ±1 or normal sums are multiplied by so that E⟨φ, φ'⟩ = ⟨g, g'⟩, from the projection dimension k and the sparsity s.
/// </param>
public sealed record ProjectionFamily(ProjectionKind Kind, string Word, string TrakWord, bool IsSparse, Func<int, int, double> Scale)
{
    // An array, for every block that is projected asks for its family, and an array is gone through without an enumerator.
    private static readonly ProjectionFamily[] Families =
    [
        new(ProjectionKind.Sjlt, "sjlt", "sjlt", true, static (_, s) => 1 / Math.Sqrt(s)),
        new(ProjectionKind.Rademacher, "rademacher", "rademacher", false, static (k, _) => 1 / Math.Sqrt(k)),
        new(ProjectionKind.Gaussian, "gaussian", "normal", false, static (k, _) => 1 / Math.Sqrt(k)),

        // Its factors bring their own scale.
        new(ProjectionKind.Kronecker, "kronecker", "kronecker", true, static (_, s) => 1 / Math.Sqrt(s)),
        new(ProjectionKind.None, "none", "na", false, static (_, _) => 1),
    ];

    /// <summary>All families, the default first.</summary>
    public static IReadOnlyList<ProjectionFamily> All => Families;

    /// <summary>The family of a kind.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
    public static ProjectionFamily Of(ProjectionKind kind)
    {
        foreach (ProjectionFamily family in Families)
        {
            if (family.Kind == kind) return family;
        }

        throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such projection.");
    }
}
