namespace TrakFast;

/// <summary>A trainable parameter of a model.</summary>
/// <param name="Name">Its name, as in a state dict.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Offset">Its first coordinate in the flat gradient of all parameters, in the model's order.</param>
public sealed record ModelParameter(string Name, IReadOnlyList<long> Shape, long Offset)
{
    /// <summary>Number of elements.</summary>
    public long Length { get; } = Shapes.Count(Shape);
}
