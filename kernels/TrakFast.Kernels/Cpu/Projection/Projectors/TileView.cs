namespace TrakFast.Kernels;

/// <summary>Gradients of some examples at some coordinates, in cache.</summary>
/// <param name="Runs">Coordinates of the elements.</param>
/// <param name="Length">Elements an example has.</param>
/// <param name="Values">Element i of the tile's example e is Values[e·Step + i].</param>
/// <param name="Step">Elements between two examples.</param>
/// <param name="Examples">Row of the accumulators of each of the tile's examples, or null for 0, 1, ….</param>
/// <param name="Count">Examples in the tile.</param>
internal readonly unsafe record struct TileView(CoordinateRuns Runs, int Length, nint Values, long Step, nint Examples, int Count)
{
    /// <summary>Values of the tile's example e.</summary>
    public float* Example(int e) => (float*)Values + (e * Step);

    /// <summary>The accumulators' row of the tile's example e.</summary>
    public int Row(int e) => Examples == 0 ? e : ((int*)Examples)[e];
}
