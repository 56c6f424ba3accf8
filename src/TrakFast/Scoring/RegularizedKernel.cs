using System.Globalization;
using System.Numerics.Tensors;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>(ΦᵀΦ + λI) of one checkpoint, factored: what targets are solved against.</summary>
internal sealed class RegularizedKernel : IDisposable
{
    /// <summary>Half a unit in the last place of 1: pivots below k times this are rounding errors.</summary>
    private const double RoundOff = 1.1102230246251565e-16;

    private RegularizedKernel(SymmetricMatrix factor, double lambda, double inverseScale)
    {
        Factor = factor;
        Lambda = lambda;
        InverseScale = inverseScale;
    }

    /// <summary>The lower Cholesky factor [k, k].</summary>
    public SymmetricMatrix Factor { get; }

    /// <summary>λ as added to the diagonal.</summary>
    public double Lambda { get; }

    /// <summary>What the inverse is multiplied by.</summary>
    public double InverseScale { get; }

    /// <summary>Wraps a factor made earlier, which it then owns.</summary>
    public static RegularizedKernel FromFactor(SymmetricMatrix factor, Finalization finalization) =>
        new(factor, finalization.LambdaAbsolute, finalization.InverseScale);

    /// <summary>Adds λ and factors in place; the matrix belongs to the result, or is disposed when that fails.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="gram">ΦᵀΦ.</param>
    /// <param name="n">Train set size.</param>
    /// <param name="lambda">The regularizer.</param>
    /// <param name="scaling">Units of the inverse.</param>
    /// <param name="cancellationToken">Stops within a second.</param>
    /// <exception cref="TrakException">The sum is not positive definite; the sentence says which λ would do.</exception>
    public static RegularizedKernel Factorize(
        Workers workers, SymmetricMatrix gram, long n, Lambda lambda, ScoreScaling scaling, CancellationToken cancellationToken = default)
    {
        try
        {
            int k = gram.Order;
            double trace = gram.Trace();
            if (!double.IsFinite(trace))
                throw new TrakException(
                    "The kernel matrix ΦᵀΦ is not finite; the features are too large for float32, or their file was damaged.");
            double unit = trace / Math.Min(n, k);
            if (unit == 0 && lambda.IsRelative)
                throw new SingularKernelException(
                    "Every feature is zero: no gradient reaches the selected parameters, or the model is so sure of every example that "
                    + "its gradients vanish; choose other parameters, another task, or an earlier checkpoint.");
            double absolute = lambda.Resolve(trace, n, k);
            string advice = unit > 0
                ? $"a relative λ of 1e-6 or more does ({(1e-6 * unit).ToString("G3", CultureInfo.InvariantCulture)} absolute); "
                    + "1 is a good choice"
                : "every feature is zero, so only an absolute λ above 0 does";
            if (absolute == 0 && k > n)
                throw new SingularKernelException(
                    $"λ = 0 leaves the kernel matrix singular: {n} examples span at most {n} of the k = {k} directions; {advice}.");
            double largest = 0;
            for (int i = 0; i < k; i++)
            {
                gram.Row(i)[i] += absolute;
                largest = Math.Max(largest, gram.Row(i)[i]);
            }

            if (!Cholesky.TryFactor(workers, gram, out int pivot, cancellationToken) || SmallestPivot(gram) <= largest * k * RoundOff)
                throw new SingularKernelException(
                    $"The kernel matrix with λ = {lambda} is not positive "
                    + $"definite{(pivot >= 0 ? $" (pivot {pivot} of {k})" : string.Empty)}; {advice}.");
            double scale = scaling == ScoreScaling.TrakPython ? 1 / MeanAbsoluteInverse(workers, gram, cancellationToken) : 1;
            return new RegularizedKernel(gram, absolute, scale);
        }
        catch
        {
            gram.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Factor.Dispose();

    private static double SmallestPivot(SymmetricMatrix factor)
    {
        double smallest = double.PositiveInfinity;
        for (int i = 0; i < factor.Order; i++)
            smallest = Math.Min(smallest, factor.Row(i)[i] * factor.Row(i)[i]);
        return smallest;
    }

    private static double MeanAbsoluteInverse(Workers workers, SymmetricMatrix factor, CancellationToken cancellationToken)
    {
        using SymmetricMatrix inverse = Cholesky.Inverse(workers, factor, cancellationToken);
        double sum = 0;
        for (int i = 0; i < inverse.Order; i++) sum += TensorPrimitives.SumOfMagnitudes<double>(inverse.Row(i));
        return sum / ((double)inverse.Order * inverse.Order);
    }
}
