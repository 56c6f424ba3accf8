namespace TrakFast.Kernels;

/// <summary>A way to multiply gradients by a random matrix.</summary>
internal interface IProjectionTile
{
    /// <summary>The work of a group.</summary>
    static abstract void Run<TSource>(TSource source, ProjectionTarget target)
        where TSource : struct, IGradientSource;
}
