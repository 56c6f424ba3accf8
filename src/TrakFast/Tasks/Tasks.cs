namespace TrakFast;

/// <summary>The tasks that ship, and their string names.</summary>
public static class Tasks
{
    /// <summary>Classification of pictures or anything else with one label an example.</summary>
    public static ModelOutput ImageClassification => new ImageClassification();

    /// <summary>Names that <see cref="ByName"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["image_classification", "iterative_image_classification"];

    /// <summary>The task of that name, as MadryLab/trak spells them.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="temperature">Divides the logits in Q.</param>
    /// <exception cref="TrakException">There is no such task.</exception>
    public static ModelOutput ByName(string name, float temperature = 1) => name switch
    {
        "image_classification" or "iterative_image_classification" => new ImageClassification(temperature),
        _ => throw new TrakException($"There is no task '{name}'; there are {string.Join(", ", Names)}."),
    };
}
