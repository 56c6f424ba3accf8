using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace TrakFast;

/// <summary>
/// Contrastive learning of images and texts (Park et al. 2023, §5.1): <c>clip</c>. With u and v the example's image and text
/// embedding, S_ii = u·v, and û_j, v̂_j the stored embeddings of the contrast set,
/// f = −log Σ_j e^{−(S_ii − u·v̂_j)} − log Σ_j e^{−(S_ii − v·û_j)}, and Q = 1 − ½(softmax(t·S) + softmax(t·Sᵀ))_ii, where the
/// softmax runs over the example and its contrast set, or over the batch. The model gives the embeddings [B, d], normalized
/// if they are meant to be, and the scale t.
/// </summary>
/// <remarks>
/// <para>
/// The stored embeddings are constants: gradients flow through u and v alone, and not through t, which is not in f. Every
/// example has the same contrast set. Where that holds the example itself, f counts it as MadryLab/trak does: its term is
/// e⁰, and moves with u and v against the stored copy. Q counts an example once, among its contrasts or not.
/// </para>
/// <para>
/// Q over the contrast set does not depend on the batch. Q over the batch is MadryLab/trak's: it does, so features of one
/// run must come from the same batches throughout, and a batch of one gives Q = 0.
/// </para>
/// </remarks>
public sealed class Clip : ModelOutput
{
    /// <summary>The task's name.</summary>
    internal const string TaskName = "clip";

    private readonly ContrastSet _contrast;
    private readonly Temperature _temperature;
    private readonly int? _batchSize;
    private readonly ILogger _logger;
    private DataArray? _images;
    private DataArray? _texts;

    /// <summary>Creates the task.</summary>
    /// <param name="contrast">The contrast set.</param>
    /// <param name="temperature">Divides the logits t·S in Q; default 1, which leaves the model's own scale.</param>
    /// <param name="batchSize">
    /// Null takes Q over an example and its contrast set. A number takes it over the batch, and says of how many
    /// examples a batch is; the last may have fewer.
    /// </param>
    /// <param name="logger">Told when Q is 0 because a batch holds one example; null for silence.</param>
    /// <exception cref="TrakException">The temperature is not a positive number, or the batch size is not.</exception>
    public Clip(ContrastSet contrast, float temperature = 1, int? batchSize = null, ILogger<Clip>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(contrast);
        if (batchSize < 1) throw new TrakException($"A batch has one example or more; {batchSize} were asked for.");
        _contrast = contrast;
        _temperature = new Temperature(temperature);
        _batchSize = batchSize;
        _logger = logger ?? (ILogger)NullLogger.Instance;
    }

    /// <inheritdoc/>
    public override string Name => TaskName;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["contrast"] = $"{_contrast}",
        ["q"] = _batchSize is { } size ? $"batches of {size}" : "contrast set",
        ["temperature"] = $"{_temperature}",
    };

    /// <inheritdoc/>
    public override bool ReadsWholeBatch => _batchSize is not null;

    /// <summary>Takes the embeddings of the contrast set.</summary>
    /// <inheritdoc/>
    public override void Prepare(IModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Prepare(batch => model.Forward(batch, ParameterSelection.None));
    }

    /// <inheritdoc/>
    public override Variable GetOutput(ModelResult result, Batch batch)
    {
        ClipOutputs own = ClipOutputs.Of(result, batch.Size);
        (Variable toTexts, Variable toImages) = Contrasts(own);
        return (Matches(own) * 2) - toTexts.LogSumExp(1) - toImages.LogSumExp(1);
    }

    /// <inheritdoc/>
    public override Variable GetOutToLossGradient(ModelResult result, Batch batch)
    {
        ClipOutputs own = ClipOutputs.Of(result, batch.Size);
        own = new ClipOutputs(own.Images.Detach(), own.Texts.Detach());
        float scale = ClipOutputs.Scale(result) / _temperature.Value;
        Variable match = Matches(own) * scale;
        (Variable others, Variable othersBack) = _batchSize is { } size
            ? OthersOfBatch(own, scale, size)
            : OthersOfContrast(own, scale, batch);
        return (Margin.WrongProbability(match - others) + Margin.WrongProbability(match - othersBack)) * 0.5f;
    }

    /// <summary>The same for whatever runs examples forward.</summary>
    internal void Prepare(Func<Batch, ModelResult> forward) => (_images, _texts) = _contrast.Embed(forward);

    /// <summary>S_ii = u·v of each example, [B].</summary>
    private static Variable Matches(ClipOutputs own) => (own.Images * own.Texts).Sum(1);

    /// <summary>log Σ e^{t·S} over the other examples of the batch, by rows and by columns, [B] each.</summary>
    private (Variable Rows, Variable Columns) OthersOfBatch(ClipOutputs own, float scale, int size)
    {
        int examples = (int)own.Images.Shape[0];
        if (examples > size)
            throw new TrakException(
                $"The batch has {examples} examples, and Q was to be taken over batches of {size}; one run needs batches of one size.");
        if (examples == 1) Log.BatchOfOne(_logger);
        Variable logits = own.Images.MatMul(own.Texts.Transpose(0, 1)) * scale;
        DataArray diagonal = DataArray.From([.. Enumerable.Range(0, examples).Select(static i => (long)i)], examples, 1);
        return (logits.LogSumExp(1, diagonal), logits.Transpose(0, 1).LogSumExp(1, diagonal));
    }

    /// <summary>log Σ e^{t·S} over the contrast set without the example itself, for texts and for images, [B] each.</summary>
    private (Variable Texts, Variable Images) OthersOfContrast(ClipOutputs own, float scale, Batch batch)
    {
        (Variable toTexts, Variable toImages) = Contrasts(own);
        if (batch.TrainIndices is { } indices)
        {
            DataArray itself = DataArray.From(
                [.. indices.SelectMany(index => _contrast.Indices.Select(contrast => contrast == index))],
                batch.Size, _contrast.Indices.Count);
            (toTexts, toImages) = (toTexts.MaskedFill(itself, float.NegativeInfinity), toImages.MaskedFill(itself, float.NegativeInfinity));
        }

        return ((toTexts * scale).LogSumExp(1), (toImages * scale).LogSumExp(1));
    }

    /// <summary>u·v̂_j and v·û_j of each example with each of the contrast set, [B, c].</summary>
    private (Variable ToTexts, Variable ToImages) Contrasts(ClipOutputs own)
    {
        if (_images is null || _texts is null)
            throw new TrakException("The embeddings of the contrast set have not been taken; call Prepare when the weights are loaded.");
        if (_texts.Shape[1] != own.Images.Shape[1])
            throw new TrakException(
                $"The contrast set's embeddings are {Shapes.Text(_texts.Shape)} and the example's {Shapes.Text(own.Images.Shape)}; "
                + "they come from different models.");
        return (
            own.Images.MatMul(own.Images.Constant(_texts).Transpose(0, 1)), own.Texts.MatMul(own.Texts.Constant(_images).Transpose(0, 1)));
    }
}
