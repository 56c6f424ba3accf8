using TrakFast.Kernels;

namespace TrakFast.Cli.Runs;

/// <summary>
/// Notices a parameter that holds nearly all of the gradient: features are then about it alone. Masks and scales that were taken for
/// parameters do that, seldom a weight.
/// </summary>
internal static class GradientShares
{
    private const double Most = 0.9;
    private const int Examples = 8;

    // Numbers of gradients in memory.
    private const long Largest = 1L << 27;

    /// <summary>The warning, or null.</summary>
    /// <param name="model">The model with a checkpoint's weights.</param>
    /// <param name="task">The task.</param>
    /// <param name="examples">Training examples, of which the first are looked at.</param>
    /// <param name="gradientOf">Patterns of the parameters.</param>
    /// <param name="backend">Adds gradients up.</param>
    public static string? Warning(
        IModel model, ModelOutput task, ExampleSet examples, IReadOnlyList<string> gradientOf, IKernelBackend backend)
    {
        ParameterSelection selection = ParameterSelection.Matching(model.Parameters, gradientOf);
        if (selection.Parameters.Count < 2 || selection.Length > Largest) return null;
        int size = (int)Math.Min(Math.Min(Examples, examples.Count), Math.Max(1, Largest / selection.Length));
        double[] squares = new double[selection.Parameters.Count];
        try
        {
            using PerExampleGradients gradients = new(model, task, gradientOf, backend);
            ExampleGradients computed = gradients.Compute(examples.Read(0, size));
            for (int p = 0; p < squares.Length; p++)
            {
                for (int b = 0; b < size; b++)
                {
                    foreach (float g in computed.Of(b, gradients.Parameters[p])) squares[p] += (double)g * g;
                }
            }
        }
        catch (TrakException)
        {
            // The run itself comes to it and says what is wrong.
            return null;
        }

        double all = squares.Sum();
        int largest = Array.IndexOf(squares, squares.Max());
        ModelParameter parameter = selection.Parameters[largest];
        return all > 0 && squares[largest] > Most * all && 2 * parameter.Length <= selection.Length
            ? $"Warning: {parameter.Name} {Shapes.Text(parameter.Shape)} holds {100 * squares[largest] / all:0.####} % of the squared norm "
                + $"of the gradients of the first {size} training examples, so scores are about it alone. If it is no weight but a mask, "
                + $"a table or a scale, leave it out with --gradient-of '!{parameter.Name}' or --parameters."
            : null;
    }
}
