namespace TrakFast;

/// <summary>
/// The outputs that CLIP needs of a model, by the names that open_clip, Hugging Face and MadryLab/trak's users give them.
/// </summary>
/// <param name="Images">Image embeddings u, [B, d].</param>
/// <param name="Texts">Text embeddings v, [B, d].</param>
internal sealed record ClipOutputs(Variable Images, Variable Texts)
{
    private static readonly string[] ImageNames = ["image_embeddings", "image_embeds", "image_features"];
    private static readonly string[] TextNames = ["text_embeddings", "text_embeds", "text_features"];
    private static readonly string[] ScaleNames = ["scale", "logit_scale"];

    /// <summary>Finds the embeddings of a batch of that many examples.</summary>
    /// <exception cref="TrakException">An output is missing or has another shape.</exception>
    public static ClipOutputs Of(ModelResult result, int examples)
    {
        ClipOutputs outputs = new(Find(result, ImageNames), Find(result, TextNames));
        if (outputs.Images.Shape is not [long rows, >= 1] || rows != examples || !outputs.Texts.Shape.SequenceEqual(outputs.Images.Shape))
            throw new TrakException(
                $"CLIP wants embeddings of images and texts in one space, both [{examples}, d]; "
                + $"the model's are {Shapes.Text(outputs.Images.Shape)} and {Shapes.Text(outputs.Texts.Shape)}.");
        return outputs;
    }

    /// <summary>The factor t of the logits, one number for all examples.</summary>
    /// <exception cref="TrakException">The output is missing, holds more than one number, or one that is not above 0.</exception>
    public static float Scale(ModelResult result)
    {
        Variable scale = Find(result, ScaleNames);
        float[] values = Shapes.Count(scale.Shape) == 1 ? scale.ToArray() : [];
        return values is [> 0 and < float.PositiveInfinity]
            ? values[0]
            : throw new TrakException(
                "CLIP's scale is one number above 0 for all examples, the factor of the logits and not its logarithm; "
                + $"the model's is {(values is [float value] ? $"{value}" : Shapes.Text(scale.Shape))}.");
    }

    private static Variable Find(ModelResult result, string[] names) => Array.Find(names, result.Names.Contains) is { } name
        ? result[name]
        : throw new TrakException(
            $"CLIP wants the outputs {ImageNames[0]}, {TextNames[0]} and {ScaleNames[0]} "
            + $"(or {string.Join(", ", ImageNames.Skip(1).Concat(TextNames.Skip(1)).Concat(ScaleNames.Skip(1)))}); "
            + $"the model has {string.Join(", ", result.Names)}.");
}
