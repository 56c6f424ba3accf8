using System.Runtime.CompilerServices;
using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// The gradient of a model output function by a model's parameters, for each example by itself: one forward and one backward pass a
/// batch, nothing projected, nothing kept. One caller at a time.
/// </summary>
public sealed class PerExampleGradients : IDisposable
{
    private readonly IModel _model;
    private readonly ModelOutput _task;
    private readonly IKernelBackend _backend;
    private readonly bool _ownsBackend;
    private readonly ParameterSelection _selection;
    private readonly FeatureExtractor _extractor;
    private readonly StepGuard _steps = new(nameof(PerExampleGradients));
    private bool _prepared;

    /// <summary>Prepares to take gradients of a model with the weights it has.</summary>
    /// <param name="model">
    /// An engine's hold on the model, which stays the caller's. Load other weights into it between batches only.
    /// </param>
    /// <param name="task">The model output function f.</param>
    /// <param name="gradientOf">Parameters to differentiate by: names, in which <c>*</c> stands for any characters; null for all.</param>
    /// <param name="backend">Adds up gradient blocks where the engine leaves them; null for the CPU kernels on all processors.</param>
    /// <exception cref="TrakException">
    /// A name matches no parameter, the gradients are longer than an array can be, or the backend cannot reach the engine's memory.
    /// </exception>
    public PerExampleGradients(IModel model, ModelOutput task, IReadOnlyList<string>? gradientOf = null, IKernelBackend? backend = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(task);
        (_model, _task) = (model, task);
        _selection = ParameterSelection.Matching(model.Parameters, gradientOf ?? []);
        if (_selection.Length == 0)
            throw new TrakException(
                "The model has no trainable parameters, so there is no gradient; save it with its weights as initializers.");
        if (_selection.Length > Array.MaxLength)
            throw new TrakException(
                $"A gradient has {_selection.Length} numbers, more than the {Array.MaxLength} of an array in memory; "
                + "choose parameters by gradientOf.");
        Parameters = [.. _selection.Parameters.Select(p => new ModelParameter(p.Name, p.Shape, _selection.Offset(p.Name)))];
        _ownsBackend = backend is null;
        _backend = backend ?? new CpuBackend(Workers.PerProcessor());
        _extractor = new FeatureExtractor(model, task, _backend, _selection, ScoreScaling.Unit);
        try
        {
            _backend.RequireReach(model);
        }
        catch
        {
            _extractor.Dispose();
            if (_ownsBackend) _backend.Dispose();
            throw;
        }
    }

    /// <summary>Gradient dimension p: elements of the selected parameters.</summary>
    public int GradientDimension => (int)_selection.Length;

    /// <summary>The selected parameters, in the model's order; an offset is the place of a parameter's first element among the p.</summary>
    public IReadOnlyList<ModelParameter> Parameters { get; }

    /// <summary>Takes the gradients of a batch.</summary>
    /// <param name="batch">Examples.</param>
    /// <param name="first">Position in a stream of the first example, for <see cref="ExampleGradients.First"/> and for errors.</param>
    /// <exception cref="InputException">An input is missing or wrong, or a number is not finite.</exception>
    /// <exception cref="ObjectDisposedException">This is disposed.</exception>
    public ExampleGradients Compute(Batch batch, long first = 0)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using IDisposable step = _steps.Enter();
        if ((long)batch.Size * GradientDimension > Array.MaxLength)
            throw new InputException(
                $"The gradients of {batch.Size} examples have {(long)batch.Size * GradientDimension} numbers, "
                + $"more than the {Array.MaxLength} of an array in memory; give smaller batches.");
        if (!_prepared) _task.Prepare(_model);
        _prepared = true;
        Projection whole = new(ProjectionKind.None, GradientDimension, Seed: 0, ModelId: 0);
        using FeatureBatch gradients = _extractor.Start(batch, whole, wantOutToLoss: false, b => $"example {first + b}");
        return new ExampleGradients(first, gradients.Outputs, gradients.Take().ToArray(), GradientDimension);
    }

    /// <summary>Takes the gradients of a stream of batches, one batch in memory at a time.</summary>
    /// <param name="batches">Batches, such as <see cref="ExampleSet.Batches(int, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InputException">An input is missing or wrong, or a number is not finite.</exception>
    public async IAsyncEnumerable<ExampleGradients> StreamAsync(
        IAsyncEnumerable<Batch> batches, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batches);
        long first = 0;
        await foreach (Batch batch in batches.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            long start = first;
            yield return await Task.Run(() => Compute(batch, start), cancellationToken).ConfigureAwait(false);
            first += batch.Size;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_steps.Close()) return;
        _extractor.Dispose();
        if (_ownsBackend) _backend.Dispose();
    }
}
