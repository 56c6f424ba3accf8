namespace TrakFast.Kernels;

/// <summary>A way to multiply gradients by a random matrix, many rows together.</summary>
internal interface IProjectionTile
{
    /// <summary>The work of a group.</summary>
    static abstract void Run<TSource>(TSource source, ProjectionTarget target)
        where TSource : struct, ISharedSource;
}

/// <summary>A way to multiply gradients by a random matrix, each row by itself.</summary>
internal interface IRowTile
{
    /// <summary>The work of a group, on row Grid.IdxZ.</summary>
    static abstract void RunRow<TSource>(TSource source, ProjectionTarget target)
        where TSource : struct, IGradientSource;
}
