namespace TrakFast.Onnx.Programs;

/// <summary>Where gradients of given parameters pass through a program.</summary>
public sealed class GradientPaths
{
    private readonly Schedule _schedule;

    internal GradientPaths(Schedule schedule) => _schedule = schedule;

    /// <summary>The parameters.</summary>
    public ParameterSelection Selection => _schedule.Selection;

    /// <summary>Whether a value lies on a path from one of the parameters, or is one.</summary>
    /// <param name="slot">The value.</param>
    public bool Reaches(int slot) => _schedule.Wanted[slot];

    /// <summary>Whether the gradient of a step's input is wanted: one of the parameters lies upstream of it.</summary>
    /// <param name="step">The step.</param>
    /// <param name="input">Which of its inputs.</param>
    public bool Wants(GraphStep step, int input)
    {
        ArgumentNullException.ThrowIfNull(step);
        return _schedule.WantsOf(step.Index)[input];
    }

    /// <summary>Refuses a batch whose values and gradients the process could not hold in the host's memory.</summary>
    /// <param name="batch">Number of examples B.</param>
    /// <exception cref="TrakException">It could not; the message says how much is needed and how much there is.</exception>
    public void RefuseTooLarge(int batch) => OnnxModel.RefuseTooLarge(_schedule, batch);
}
