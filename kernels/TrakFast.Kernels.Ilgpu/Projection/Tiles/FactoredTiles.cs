using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// How kernels are given an outer-product block: a kernel has at most 14 parameters, so two numbers share a 64-bit one, the first in
/// its upper half.
/// </summary>
internal static class FactoredTiles
{
    /// <summary>The tiles of an example.</summary>
    /// <param name="left">Left factors.</param>
    /// <param name="leftExample">Elements between two examples' left factors.</param>
    /// <param name="leftSteps">Elements between two positions and between two rows, of which one is 1.</param>
    /// <param name="right">Right factors.</param>
    /// <param name="rightExample">Elements between two examples' right factors.</param>
    /// <param name="rightSteps">Elements between two positions and between two columns, of which one is 1.</param>
    /// <param name="size">Rows and columns.</param>
    /// <param name="shape">Positions and the logarithm of a tile's columns.</param>
    /// <param name="scale">What the sums are multiplied by.</param>
    /// <param name="example">The example.</param>
    public static FactoredTile Of(
        ArrayView<float> left, long leftExample, long leftSteps, ArrayView<float> right, long rightExample, long rightSteps, long size,
        long shape, float scale, long example)
    {
        FactoredTile tile;
        tile.Left = left.SubView(example * leftExample);
        tile.Right = right.SubView(example * rightExample);
        tile.LeftPosition = (int)(leftSteps >> 32);
        tile.LeftRow = (int)leftSteps;
        tile.RightPosition = (int)(rightSteps >> 32);
        tile.RightColumn = (int)rightSteps;
        tile.Rows = (int)(size >> 32);
        tile.Columns = (int)size;
        tile.Positions = (int)(shape >> 32);
        tile.LogColumns = (int)shape;
        tile.Scale = scale;
        return tile;
    }
}
