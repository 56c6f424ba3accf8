using ILGPU;

namespace TrakFast.Kernels;

/// <summary>The kernels of dense random projections: every source of gradients with every way to multiply.</summary>
internal static class DenseProjection
{
    /// <summary>Written-out gradients, or factors.</summary>
    [KernelEntry("RademacherRows", 256, typeof(SignTile), Groups = 2)]
    [KernelEntry("RademacherRowsExact", 256, typeof(ExactTile<SignEntries>))]
    [KernelEntry("RademacherRowsReference", 256, typeof(ReferenceTile<SignEntries>), Ships = false)]
    [KernelEntry("GaussianRows", 256, typeof(ExactTile<NormalEntries>))]
    [KernelEntry("GaussianRowsReference", 256, typeof(ReferenceTile<NormalEntries>), Ships = false)]
    public static void Rows<TTile>(
        ArrayView<float> values, long exampleStride, long positionStride, long elementStride, int positions, long first,
        ArrayView<float> sums, int rows, int columns, long length, long partLength, uint seed, uint modelId, uint stream)
        where TTile : struct, IProjectionTile
    {
        RowSource source;
        source.Values = values;
        source.ExampleStride = exampleStride;
        source.PositionStride = positionStride;
        source.ElementStride = elementStride;
        source.First = first;
        source.Positions = positions;
        TTile.Run(source, Target(sums, rows, columns, length, partLength, seed, modelId, stream));
    }

    /// <summary>Products over positions.</summary>
    [KernelEntry("RademacherProducts", 256, typeof(SignTile), Groups = 2)]
    [KernelEntry("RademacherProductsExact", 256, typeof(ExactTile<SignEntries>))]
    [KernelEntry("RademacherProductsReference", 256, typeof(ReferenceTile<SignEntries>), Ships = false)]
    [KernelEntry("GaussianProducts", 256, typeof(ExactTile<NormalEntries>))]
    [KernelEntry("GaussianProductsReference", 256, typeof(ReferenceTile<NormalEntries>), Ships = false)]
    public static void Products<TTile>(
        ArrayView<float> left, long leftExample, long leftPosition, long leftRow,
        ArrayView<float> right, long rightExample, long rightPosition, long rightColumn, int positions, int innerColumns, long first,
        long rowStride, ArrayView<float> sums, int rows, int columns, long length, long partLength, uint seed, uint modelId, uint stream)
        where TTile : struct, IProjectionTile
    {
        ProductSource source;
        source.Left = left;
        source.LeftExample = leftExample;
        source.LeftPosition = leftPosition;
        source.LeftRow = leftRow;
        source.Right = right;
        source.RightExample = rightExample;
        source.RightPosition = rightPosition;
        source.RightColumn = rightColumn;
        source.Positions = positions;
        source.Columns = innerColumns;
        source.First = first;
        source.RowStride = rowStride;
        TTile.Run(source, Target(sums, rows, columns, length, partLength, seed, modelId, stream));
    }

    /// <summary>Touched rows of a table.</summary>
    [KernelEntry("RademacherTable", 256, typeof(RowTile<SignEntries>))]
    [KernelEntry("RademacherTableReference", 256, typeof(ReferenceTile<SignEntries>), Ships = false)]
    [KernelEntry("GaussianTable", 256, typeof(RowTile<NormalEntries>))]
    [KernelEntry("GaussianTableReference", 256, typeof(ReferenceTile<NormalEntries>), Ships = false)]
    public static void Table<TTile>(
        ArrayView<long> ids, ArrayView<float> values, int rowLength, long first,
        ArrayView<float> sums, int rows, int columns, long length, long partLength, uint seed, uint modelId, uint stream)
        where TTile : struct, IRowTile
    {
        TableSource source;
        source.Ids = ids;
        source.Values = values;
        source.Example = Grid.IdxZ;
        source.Length = length;
        source.First = first;
        source.RowLength = rowLength;
        TTile.RunRow(source, Target(sums, rows, columns, length, partLength, seed, modelId, stream));
    }

    private static ProjectionTarget Target(
        ArrayView<float> sums, int rows, int columns, long length, long partLength, uint seed, uint modelId, uint stream)
    {
        ProjectionTarget target;
        target.Sums = sums;
        target.Length = length;
        target.PartLength = partLength;
        target.Rows = rows;
        target.Columns = columns;
        target.Seed = seed;
        target.ModelId = modelId;
        target.Stream = stream;
        return target;
    }
}
