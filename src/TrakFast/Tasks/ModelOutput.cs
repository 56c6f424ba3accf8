namespace TrakFast;

/// <summary>
/// TRAK's model-output abstraction: a task is two methods (Park et al. 2023, §3). Both read the outputs of the same
/// forward pass.
/// </summary>
public abstract class ModelOutput
{
    /// <summary>The name a save directory keeps, so that two tasks cannot mix in one.</summary>
    /// <value>The type's name unless overridden; shipped tasks have the names of <see cref="Tasks.ByName"/>.</value>
    public virtual string Name => GetType().Name;

    /// <summary>The model output function f(z; θ) for each example, [B]: what TRAK differentiates.</summary>
    /// <param name="result">The network's outputs for the batch.</param>
    /// <param name="batch">The examples, with whatever the task reads beside the model's inputs.</param>
    public abstract Variable GetOutput(ModelResult result, Batch batch);

    /// <summary>
    /// The output-to-loss gradient Q for each example, [B]: how strongly the loss still pulls at the output. Where it
    /// has no closed form, call <see cref="FromLoss"/>.
    /// </summary>
    /// <param name="result">The network's outputs for the batch.</param>
    /// <param name="batch">The examples.</param>
    public abstract Variable GetOutToLossGradient(ModelResult result, Batch batch);

    /// <summary>
    /// Looks through what the task reads before a long run starts on it, so that a wrong label is found in seconds.
    /// Does nothing unless overridden.
    /// </summary>
    /// <param name="probe">The network's outputs for some example.</param>
    /// <param name="arrays">Every example's arrays that the model itself does not read.</param>
    /// <exception cref="TrakException">A value is out of range.</exception>
    public virtual void Check(ModelResult probe, Batch arrays)
    {
    }

    /// <summary>
    /// Q derived by the engine: −∂L/∂f at f, with TRAK's sign (for classification, 1 − p).
    /// </summary>
    /// <param name="output">f [B].</param>
    /// <param name="loss">The loss as a function of f, element by element.</param>
    protected static Variable FromLoss(Variable output, Func<Variable, Variable> loss)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(loss);
        Variable leaf = output.Detach();
        return -loss(leaf).GradientWith(leaf);
    }
}
