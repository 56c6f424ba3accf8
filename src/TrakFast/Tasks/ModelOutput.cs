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

    /// <summary>
    /// What else fixes f and Q, by name: a save directory keeps it, and a run with other settings does not go on in it.
    /// </summary>
    /// <value>Default empty.</value>
    public virtual IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>();

    /// <summary>
    /// Whether an example's Q depends on the other examples of its batch. A <see cref="Traker"/> then refuses a batch of
    /// which a part is done already, since the rest would get another Q.
    /// </summary>
    /// <value>Default false.</value>
    public virtual bool ReadsWholeBatch => false;

    /// <summary>
    /// Called when the weights of a checkpoint have been loaded, before any batch: the place for what depends on the
    /// weights and not on the example. Does nothing unless overridden. A <see cref="Traker"/> calls it; code that loads
    /// weights by itself has to.
    /// </summary>
    /// <param name="model">The model, with its weights.</param>
    public virtual void Prepare(IModel model)
    {
    }

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

    /// <summary>The numbers that Q can be: one outside says that something is wrong with the outputs or the task.</summary>
    /// <value>Default null: every finite number.</value>
    public virtual (float Lowest, float Highest)? OutToLossRange => null;

    /// <summary>
    /// The loss that models of this task are trained with, for each example, [B]. Attribution does not need it; training
    /// models on subsets does.
    /// </summary>
    /// <param name="result">The network's outputs for the batch.</param>
    /// <param name="batch">The examples.</param>
    /// <exception cref="TrakException">The task has none, which is so unless overridden.</exception>
    public virtual Variable GetLoss(ModelResult result, Batch batch) =>
        throw new TrakException($"The task {Name} has no loss that each example has by itself, so models cannot be trained for it here.");

    /// <summary>
    /// The loss of each example where Q alone tells it, [n]. A save directory keeps Q and no loss; rankings of suspicious
    /// labels are held against this one.
    /// </summary>
    /// <param name="outToLoss">Q of each example under one checkpoint, [n].</param>
    /// <returns>[n], or null where Q does not tell it, which is so unless overridden.</returns>
    public virtual double[]? LossFromQ(ReadOnlySpan<float> outToLoss) => null;

    /// <summary>
    /// Looks through what the task reads before a long run starts on it, so that a wrong label is found in seconds.
    /// Does nothing unless overridden.
    /// </summary>
    /// <param name="probe">The network's outputs for some example.</param>
    /// <param name="arrays">Examples in a row, with the whole-number inputs of the model and what it does not read.</param>
    /// <param name="first">Index of the first of them.</param>
    /// <exception cref="TrakException">A value is out of range.</exception>
    public virtual void Check(ModelResult probe, Batch arrays, long first)
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
