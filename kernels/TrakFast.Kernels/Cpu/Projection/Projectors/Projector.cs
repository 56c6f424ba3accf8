namespace TrakFast.Kernels;

/// <summary>Adds P applied to gradient blocks to features [B, k]. One subclass for each way of doing it.</summary>
internal abstract unsafe class Projector(Projection projection, Workers workers, ScratchPool pool)
{
    /// <summary>The matrix P.</summary>
    protected Projection Projection { get; } = projection;

    /// <summary>Projection dimension k.</summary>
    protected int Dimension => Projection.Dimension;

    /// <summary>Threads.</summary>
    protected Workers Workers { get; } = workers;

    /// <summary>Scratch.</summary>
    protected ScratchPool Pool { get; } = pool;

    /// <summary>The fastest projector of a kind on this machine.</summary>
    public static Projector Of(in Projection projection, Workers workers, ScratchPool pool) => projection.Kind switch
    {
        ProjectionKind.None => new IdentityProjector(projection, workers, pool),
        ProjectionKind.Sjlt or ProjectionKind.Kronecker => new SjltProjector(projection, workers, pool),
        ProjectionKind.Rademacher when Simd.Avx512 => new RademacherLookupProjector(projection, workers, pool),
        ProjectionKind.Rademacher when Simd.Avx256 => new RademacherTableProjector(projection, workers, pool),
        ProjectionKind.Rademacher => new ProductProjector<RademacherPanel>(projection, workers, pool),
        ProjectionKind.Gaussian => new ProductProjector<GaussianPanel>(projection, workers, pool),
        _ => throw new ArgumentOutOfRangeException(nameof(projection), projection.Kind, "Unknown projection kind."),
    };

    /// <summary>Adds the projection of a block whose examples share their coordinates.</summary>
    public abstract void Project(TileSource source, float* features);

    /// <summary>Adds the projection of a block in which every example has coordinates of its own.</summary>
    public abstract void Project(RowsBlock block, float* features);
}
