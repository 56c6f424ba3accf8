namespace TrakFast;

/// <summary>The gradients of a batch, one row an example. Its memory is its own.</summary>
/// <param name="First">Position in the stream of the first example.</param>
/// <param name="Outputs">Model output f of each example, [B].</param>
/// <param name="Values">Per-example gradients ∂f/∂θ, float32 [B, p], row-major.</param>
/// <param name="GradientDimension">Gradient dimension p.</param>
public sealed record ExampleGradients(long First, ReadOnlyMemory<float> Outputs, ReadOnlyMemory<float> Values, int GradientDimension)
{
    /// <summary>Number of examples B.</summary>
    public int Size => Outputs.Length;

    /// <summary>The gradient of one example of the batch, [p].</summary>
    /// <param name="example">Its position in the batch.</param>
    public ReadOnlySpan<float> this[int example] => Values.Span.Slice(example * GradientDimension, GradientDimension);

    /// <summary>The gradient of one example by one parameter, row-major in the parameter's shape.</summary>
    /// <param name="example">Its position in the batch.</param>
    /// <param name="parameter">One of <see cref="PerExampleGradients.Parameters"/>.</param>
    public ReadOnlySpan<float> Of(int example, ModelParameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return this[example].Slice(checked((int)parameter.Offset), checked((int)parameter.Length));
    }
}
