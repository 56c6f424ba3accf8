using System.Numerics;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Stochastic gradient descent with momentum, as PyTorch's: v ← μ·v + ∇L + λ·w, w ← w − η·v, with L the mean loss of a
/// step's examples. Statistics of BatchNormalization stay as they are. The same seed gives the same weights on any number
/// of threads.
/// </summary>
public sealed unsafe class SgdTrainer : IDisposable
{
    private readonly OnnxModel _model;
    private readonly TrainingOptions _options;
    private readonly Func<ModelResult, Batch, Variable> _loss;
    private readonly ParameterSelection _parameters;
    private readonly SumSink _gradient;
    private readonly NativeBuffer<float> _velocity;

    /// <summary>Prepares to train a model in place.</summary>
    /// <param name="model">The model, whose weights change. It is not disposed with the trainer.</param>
    /// <param name="options">How to train; null for the defaults.</param>
    /// <param name="loss">
    /// The loss of each example, [B], from the model's outputs and the batch; null for <see cref="CrossEntropy"/> of the
    /// first output with the batch's <c>label</c>.
    /// </param>
    /// <exception cref="TrakException">An option is out of its range.</exception>
    public SgdTrainer(OnnxModel model, TrainingOptions? options = null, Func<ModelResult, Batch, Variable>? loss = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _options = options ?? new TrainingOptions();
        _options.Validate();
        _loss = loss ?? (static (result, batch) => CrossEntropy(result.First, batch["label"]));
        _parameters = ParameterSelection.All(model.Parameters);
        _gradient = new SumSink(model.Workers, _parameters.Length);
        _velocity = new NativeBuffer<float>(_parameters.Length);
    }

    /// <summary>−log softmax(logits)_label for each example, [B].</summary>
    /// <param name="logits">[B, classes].</param>
    /// <param name="labels">Whole numbers [B].</param>
    public static Variable CrossEntropy(Variable logits, DataArray labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        return logits.LogSumExp(1) - logits.Gather(1, labels.Reshape(labels.Length, 1)).Reshape(-1);
    }

    /// <summary>Trains for all epochs.</summary>
    /// <param name="data">The examples, with what the loss reads.</param>
    /// <param name="rows">The examples to use, by their place in <paramref name="data"/>; null for all.</param>
    /// <param name="epochDone">Told after each epoch: how many are done and the mean loss over it.</param>
    /// <param name="cancellationToken">Ends the training after the step in progress.</param>
    /// <returns>The mean loss of each epoch, taken before each step.</returns>
    /// <exception cref="TrakException">There are no examples, or the loss is not finite.</exception>
    public IReadOnlyList<double> Train(
        Batch data, IReadOnlyList<long>? rows = null, Action<int, double>? epochDone = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        long[] order = rows is null ? [.. Enumerable.Range(0, data.Size).Select(static i => (long)i)] : [.. rows];
        if (order.Length == 0) throw new TrakException("There are no examples to train on.");
        int stepsPerEpoch = (order.Length + _options.BatchSize - 1) / _options.BatchSize;
        double[] losses = new double[_options.Epochs];
        _velocity.Clear();
        for (int epoch = 0; epoch < _options.Epochs; epoch++)
        {
            PhiloxSequence random = new(_options.Seed, (uint)epoch, PhiloxSequence.Order);
            random.Shuffle(order);
            double sum = 0;
            for (int step = 0; step < stepsPerEpoch; step++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int first = step * _options.BatchSize;
                Batch batch = data.Rows(new ArraySegment<long>(order, first, Math.Min(_options.BatchSize, order.Length - first)));
                sum += Step(batch, LearningRate((epoch * stepsPerEpoch) + step, _options.Epochs * stepsPerEpoch));
            }

            losses[epoch] = sum / order.Length;
            if (!double.IsFinite(losses[epoch]))
                throw new TrakException(
                    $"The loss became {losses[epoch]} in epoch {epoch + 1}; "
                    + $"a smaller learning rate than {_options.LearningRate} may help.");
            epochDone?.Invoke(epoch + 1, losses[epoch]);
        }

        return losses;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gradient.Dispose();
        _velocity.Dispose();
    }

    // One update; returns the summed loss of its examples.
    private double Step(Batch batch, float learningRate)
    {
        double sum = 0;
        _gradient.Clear();
        using (ModelResult result = _model.Forward(batch))
        {
            Variable loss = _loss(result, batch);
            foreach (float value in loss.ToArray()) sum += value;
            _model.Backward(loss, _parameters, _gradient);
        }

        Update(_model.Weights.Flat, _velocity.Pointer, _gradient.Sum, _parameters.Length, 1f / batch.Size, learningRate);
        _model.WeightsChanged();
        return sum;
    }

    private void Update(float* weights, float* velocity, float* gradient, long length, float mean, float learningRate)
    {
        float momentum = _options.Momentum, decay = _options.WeightDecay;
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> w = Vectors.Load(weights + i);
            Vector<float> v = (Vectors.Load(velocity + i) * momentum) + (Vectors.Load(gradient + i) * mean) + (w * decay);
            v.Store(velocity + i);
            (w - (v * learningRate)).Store(weights + i);
        }

        for (; i < length; i++)
        {
            velocity[i] = (velocity[i] * momentum) + (gradient[i] * mean) + (weights[i] * decay);
            weights[i] -= velocity[i] * learningRate;
        }
    }

    private float LearningRate(int step, int steps) => _options.LearningRate * _options.Schedule switch
    {
        LearningRateSchedule.Linear => 1 - ((float)step / steps),
        LearningRateSchedule.Cosine => 0.5f * (1 + MathF.Cos(MathF.PI * step / steps)),
        _ => 1,
    };
}
