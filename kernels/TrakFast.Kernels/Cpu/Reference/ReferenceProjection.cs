namespace TrakFast.Kernels;

/// <summary>The definition of the projections: φ[j] = Σ_c g[c]·P[c, j], unscaled, entry by entry in float64.</summary>
internal static unsafe class ReferenceProjection
{
    /// <summary>features[b, j] += Σ_c gradients[b, c]·P[c, j].</summary>
    /// <param name="projection">The matrix P.</param>
    /// <param name="batch">Examples B.</param>
    /// <param name="parameters">Gradient dimension p.</param>
    /// <param name="gradients">float64 [B, p].</param>
    /// <param name="features">float64 [B, k], accumulated.</param>
    public static void Add(in Projection projection, int batch, long parameters, double* gradients, double* features)
    {
        (uint seed, uint modelId, int k) = (projection.Seed, projection.ModelId, projection.Dimension);
        for (long c = 0; c < parameters; c++)
        {
            switch (projection.Kind)
            {
                case ProjectionKind.None:
                    Column(batch, parameters, gradients + c, 1, k, features + c);
                    break;
                case ProjectionKind.Rademacher:
                    for (int j = 0; j < k; j++)
                        Column(batch, parameters, gradients + c, RandomEntries.Rademacher(seed, modelId, c, j), k, features + j);
                    break;
                case ProjectionKind.Gaussian:
                    for (int j = 0; j < k; j++)
                        Column(batch, parameters, gradients + c, RandomEntries.Gaussian(seed, modelId, c, j), k, features + j);
                    break;
                default:
                    for (int h = 0; h < projection.Sparsity; h++)
                    {
                        (int bucket, float sign) = RandomEntries.Sjlt(seed, modelId, c, h, k);
                        Column(batch, parameters, gradients + c, sign, k, features + bucket);
                    }

                    break;
            }
        }
    }

    /// <summary>
    /// features[b, j] += Σ_c gradients[b, c]·P[c, j] for a parameter that a Kronecker projection factors:
    /// element (r, c) goes to entry (i, l) of the product with L[i, r]·R[l, c]/kO, and the entry by SJLT to the column of the coordinate
    /// that the entry would have in the parameter.
    /// </summary>
    /// <param name="projection">The matrix P.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="batch">Examples B.</param>
    /// <param name="parameters">Gradient dimension p.</param>
    /// <param name="gradients">float64 [B, p].</param>
    /// <param name="features">float64 [B, k], accumulated.</param>
    public static void AddKronecker(
        in Projection projection, in ParameterMatrix parameter, int batch, long parameters, double* gradients, double* features)
    {
        (uint seed, uint modelId, int k, int size) =
            (projection.Seed, projection.ModelId, projection.Dimension, projection.FactorDimension);
        double[] product = new double[size];
        for (long b = 0; b < batch; b++)
        {
            double* gradient = gradients + (b * parameters) + parameter.Offset;
            for (int i = 0; i < size; i++)
            {
                Array.Clear(product);
                for (long c = 0; c < parameter.Columns; c++)
                {
                    double sum = 0;
                    for (long r = 0; r < parameter.Rows; r++)
                        sum += RandomEntries.Kronecker(seed, modelId, parameter.Offset, r, i, RandomEntries.KroneckerRowStream)
                            * gradient[(r * parameter.Columns) + c];
                    for (int l = 0; l < size; l++)
                        product[l] += RandomEntries.Kronecker(seed, modelId, parameter.Offset, c, l, RandomEntries.KroneckerColumnStream)
                            * sum / size;
                }

                for (int l = 0; l < size; l++)
                {
                    for (int h = 0; h < projection.Sparsity; h++)
                    {
                        (int bucket, float sign) = RandomEntries.Sjlt(seed, modelId, parameter.Offset + ((long)i * size) + l, h, k);
                        features[(b * k) + bucket] += sign * product[l];
                    }
                }
            }
        }
    }

    private static void Column(int batch, long parameters, double* gradients, double entry, int k, double* features)
    {
        for (long b = 0; b < batch; b++) features[b * k] += gradients[b * parameters] * entry;
    }
}
