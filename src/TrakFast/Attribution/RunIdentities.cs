using System.Security.Cryptography;
using System.Text;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>What fixes the features of a run, from what a Traker was made with.</summary>
internal static class RunIdentities
{
    /// <summary>The identity that a save directory keeps and compares.</summary>
    /// <exception cref="TrakException">The gradients are too long to be kept without a projection, or λ = 0 cannot work.</exception>
    public static RunIdentity Of(ModelOutput task, long trainSetSize, ParameterSelection selection, TrakOptions options)
    {
        int k = options.Projection == ProjectionKind.None ? WholeGradient(selection) : options.ProjectionDimension;
        if (options.Lambda.Value == 0 && k > trainSetSize)
            throw new TrakException(
                $"λ = 0 needs k ≤ n: {trainSetSize} examples span at most {trainSetSize} of the k = {k} directions, so ΦᵀΦ is singular; "
                + "a relative λ of 1 is a good choice, and 1e-6 or more does.");
        return new RunIdentity
        {
            Task = task.Name,
            TaskSettings = new SortedDictionary<string, string>(task.Settings.ToDictionary(), StringComparer.Ordinal),
            TrainSetSize = trainSetSize,
            TrainSetId = options.TrainSetId,
            Projection = TrakWords.Projections.Word(options.Projection),
            ProjectionDimension = k,
            Sparsity = options.Sparsity,
            Seed = options.Seed,
            Scaling = TrakWords.Scalings.Word(options.Scaling),
            Precision = TrakWords.Precisions.Word(options.Precision),
            GradientDimension = selection.Length,
            Parameters = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
                string.Join('\n', selection.Parameters.Select(static p => $"{p.Name} {Shapes.Text(p.Shape)}"))))),
        };
    }

    private static int WholeGradient(ParameterSelection selection) => selection.Length <= int.MaxValue
        ? (int)selection.Length
        : throw new TrakException($"Without a projection the features have {selection.Length} numbers each; choose a projection.");
}
