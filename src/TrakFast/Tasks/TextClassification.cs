namespace TrakFast;

/// <summary>
/// Classification of texts: <c>text_classification</c>. The model reads whatever it was exported with (<c>input_ids</c>,
/// <c>attention_mask</c>, …). See <see cref="Classification"/> for f and Q.
/// </summary>
public sealed class TextClassification : Classification
{
    /// <summary>Creates the task.</summary>
    /// <param name="temperature">Divides the logits in Q; default 1.</param>
    /// <param name="label">Name of the batch's array of labels, whole numbers [B].</param>
    /// <exception cref="TrakException">The temperature is not a positive number.</exception>
    public TextClassification(float temperature = 1, string label = LabelArray.Name)
        : base("text_classification", temperature, label)
    {
    }
}
