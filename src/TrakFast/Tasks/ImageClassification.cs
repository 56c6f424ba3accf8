namespace TrakFast;

/// <summary>Classification of pictures: <c>image_classification</c>. See <see cref="Classification"/> for f and Q.</summary>
public sealed class ImageClassification : Classification
{
    /// <summary>Creates the task.</summary>
    /// <param name="temperature">Divides the logits in Q; default 1.</param>
    /// <param name="label">Name of the batch's array of labels, whole numbers [B].</param>
    /// <exception cref="TrakException">The temperature is not a positive number.</exception>
    public ImageClassification(float temperature = 1, string label = LabelArray.Name)
        : base("image_classification", temperature, label)
    {
    }
}
