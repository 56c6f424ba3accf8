using System.Numerics.Tensors;

namespace TrakFast;

/// <summary>The two matrices of LoRA for one layer: A [r, in] and B [out, r]. An embedding of N rows has A [r, N] and B [dim, r].</summary>
/// <param name="module">The layer's name.</param>
/// <param name="isEmbedding">Whether the layer is an embedding.</param>
internal sealed class LoraPair(string module, bool isEmbedding)
{
    /// <summary>The layer's name.</summary>
    public string Module { get; } = module;

    /// <summary>The name of the weight that is adapted.</summary>
    public string Target => $"{Module}.weight";

    /// <summary>A, once it was taken.</summary>
    public DataArray? A { get; private set; }

    /// <summary>B, once it was taken.</summary>
    public DataArray? B { get; private set; }

    /// <summary>The rank, r.</summary>
    public long Rank => A!.Shape[0];

    /// <summary>Takes one of the matrices; false where it was taken before.</summary>
    public bool Take(bool isA, DataArray array)
    {
        if ((isA ? A : B) is not null) return false;
        if (isA) A = array;
        else B = array;
        return true;
    }

    /// <summary>The shape that the weight should have.</summary>
    /// <param name="there">The shape that it has, where it is known.</param>
    /// <param name="isTransposed">Whether layers keep their weights [in, out].</param>
    public IReadOnlyList<long> Shape(IReadOnlyList<long>? there, bool isTransposed)
    {
        long[] plain = [B!.Shape[0], A!.Shape[1]], turned = [plain[1], plain[0]];
        if (there is not null && there.SequenceEqual(plain) != there.SequenceEqual(turned)) return there;
        return isTransposed || isEmbedding ? turned : plain;
    }

    /// <summary>W + scale·B·A, or its transpose where the layer keeps it so.</summary>
    /// <param name="weight">W.</param>
    /// <param name="scale">The factor.</param>
    /// <param name="isTransposed">Whether layers keep their weights [in, out].</param>
    /// <param name="what">What errors call the weight.</param>
    /// <exception cref="CheckpointException">The shapes do not fit.</exception>
    public DataArray Merge(DataArray weight, double scale, bool isTransposed, string what)
    {
        long rows = B!.Shape[0], columns = A!.Shape[1];
        IReadOnlyList<long> shape = Shape(weight.Shape, isTransposed);
        if (B.Shape[1] != Rank || Rank == 0 || !weight.Shape.SequenceEqual(shape) || weight.Length > Array.MaxLength)
            throw new CheckpointException(
                $"{what} is {weight}, and the adapter's matrices are {Shapes.Text(B.Shape)} and {Shapes.Text(A.Shape)}.");
        bool isTurned = shape[0] != rows || shape[1] != columns || (rows == columns && (isTransposed || isEmbedding));

        // Of the transpose, Aᵀ·Bᵀ: A's columns weigh the rows of Bᵀ.
        float[] left = isTurned ? Transpose(A) : B.ToFloats(), right = isTurned ? Transpose(B) : A.ToFloats();
        int height = (int)shape[0], width = (int)shape[1], rank = (int)Rank;
        float[] values = weight.ToFloats(), change = new float[width];
        for (int i = 0; i < height; i++)
        {
            Array.Clear(change);
            for (int j = 0; j < rank; j++)
                TensorPrimitives.MultiplyAdd(right.AsSpan(j * width, width), left[(i * rank) + j], change, change);
            Span<float> row = values.AsSpan(i * width, width);
            TensorPrimitives.MultiplyAdd(change, (float)scale, row, row);
        }

        return DataArray.From(values, height, width);
    }

    private static float[] Transpose(DataArray matrix)
    {
        float[] values = matrix.ToFloats(), turned = new float[values.Length];
        int rows = (int)matrix.Shape[0], columns = (int)matrix.Shape[1];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++) turned[(c * rows) + r] = values[(r * columns) + c];
        }

        return turned;
    }
}
