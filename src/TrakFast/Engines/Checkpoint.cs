namespace TrakFast;

/// <summary>A model's weights by name.</summary>
public sealed class Checkpoint
{
    /// <summary>Creates a checkpoint.</summary>
    /// <param name="name">What errors call it: a file name, or where the weights came from.</param>
    /// <param name="tensors">Arrays by parameter name; buffers such as running means included.</param>
    public Checkpoint(string name, IReadOnlyDictionary<string, DataArray> tensors)
    {
        Name = name;
        Tensors = tensors;
    }

    /// <summary>What errors call it.</summary>
    public string Name { get; }

    /// <summary>Arrays by name.</summary>
    public IReadOnlyDictionary<string, DataArray> Tensors { get; }

    /// <summary>
    /// What was decided while it was read or matched that whoever uses it should know, such as other weights in the same file; each
    /// begins in lower case, to follow a file's name.
    /// </summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
