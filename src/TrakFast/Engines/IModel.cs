using TrakFast.Kernels;

namespace TrakFast;

/// <summary>An engine's hold on one model: it runs it forward and takes per-example gradients.</summary>
public interface IModel : IDisposable
{
    /// <summary>What the engine is, for people: <c>managed</c>.</summary>
    string Engine { get; }

    /// <summary>The type that forward and backward passes compute in. It is part of what features are.</summary>
    ElementType PassPrecision => ElementType.Float32;

    /// <summary>Where the gradient blocks lie that <see cref="Backward"/> hands out.</summary>
    MemorySpace BlockSpace { get; }

    /// <summary>Trainable parameters in the model's order.</summary>
    IReadOnlyList<ModelParameter> Parameters { get; }

    /// <summary>Names of the arrays of a batch that the model reads.</summary>
    IReadOnlyList<string> Inputs { get; }

    /// <summary>Replaces the weights.</summary>
    /// <exception cref="TrakException">Names or shapes differ (all differences in one sentence), or a weight is not finite.</exception>
    void Load(Checkpoint checkpoint);

    /// <summary>
    /// SHA-256 over the names, shapes and values of the weights in use, trainable and not, as lower-case hex.
    /// </summary>
    string WeightHash { get; }

    /// <summary>Runs a batch forward.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="selection">
    /// The parameters whose gradients will be asked for, so that nothing else is kept for them; null for all.
    /// </param>
    /// <returns>The named outputs; what the backward pass needs lives until it has passed, or the result is disposed.</returns>
    /// <exception cref="TrakException">An input is missing, of the wrong shape or type, or not finite.</exception>
    ModelResult Forward(Batch batch, ParameterSelection? selection = null);

    /// <summary>
    /// Backpropagates once from f.Sum() and hands out one block for each use of each selected parameter, as soon as it is
    /// known. Examples do not mix, so every block keeps them apart. A block lies in one parameter, at the selection's coordinates.
    /// </summary>
    /// <param name="outputs">f [B], made from the outputs of one <see cref="Forward"/> that is still alive.</param>
    /// <param name="selection">The parameters asked for.</param>
    /// <param name="sink">Receives the blocks; their memory is valid during the call only.</param>
    void Backward(Variable outputs, ParameterSelection selection, IGradientSink sink);
}

/// <summary>Receives gradient blocks from a backward pass.</summary>
public interface IGradientSink
{
    /// <summary>Takes a block. Its memory is the engine's again when the call returns.</summary>
    void Accept(GradientBlock block);
}
