using System.Collections.Immutable;

namespace TrakFast.Kernels;

/// <summary>Projections by dense random matrices, Rademacher and Gaussian: features[b, j] += Σ_c g[b, c]·P[c, j].</summary>
internal static class DenseLaunches
{
    /// <summary>The kernels launched here.</summary>
    public static ImmutableArray<DeviceKernel> Kernels => [];

    /// <summary>Adds the projection of written-out gradients to features [B, k].</summary>
    public static void Project(IDevice device, DeviceScratch scratch, in Projection projection, DenseBlock block, MemoryView features, bool exact) =>
        throw new NotSupportedException();

    /// <summary>Adds the projection of products over positions to features [B, k]; the gradient is never written to memory.</summary>
    public static void Project(IDevice device, DeviceScratch scratch, in Projection projection, in FactoredBlock block, MemoryView features, bool exact) =>
        throw new NotSupportedException();

    /// <summary>Adds the projection of touched rows to features [B, k].</summary>
    public static void Project(IDevice device, DeviceScratch scratch, in Projection projection, RowsBlock block, MemoryView features) =>
        throw new NotSupportedException();

    /// <summary>
    /// A factor of a Kronecker projection applied to rows: target[row, i] = Σ_e rows[row, e]·<see cref="RandomEntries.Kronecker"/>(parameter, first + e, i, stream).
    /// </summary>
    /// <param name="device">Where all lies.</param>
    /// <param name="scratch">Memory for partial sums.</param>
    /// <param name="projection">Seed, model and the factor's size.</param>
    /// <param name="stream"><see cref="RandomEntries.KroneckerRowStream"/> for left factors, <see cref="RandomEntries.KroneckerColumnStream"/> for right ones.</param>
    /// <param name="coordinate">The parameter's offset plus the row, or column, of it that element 0 belongs to.</param>
    /// <param name="rows">What is multiplied.</param>
    /// <param name="target">float32 [rows, <see cref="Projection.FactorDimension"/>], overwritten.</param>
    /// <param name="exact">Whether products are float32 FMAs in the order of the elements, without tensor cores.</param>
    public static void ProjectFactor(
        IDevice device, DeviceScratch scratch, in Projection projection, uint stream, long coordinate, in StridedRows rows, MemoryView target, bool exact) =>
        throw new NotSupportedException();
}
