namespace TrakFast;

/// <summary>The tasks that ship, and their string names.</summary>
public static class Tasks
{
    /// <summary>Classification of pictures or anything else with one label an example.</summary>
    public static ModelOutput ImageClassification => new ImageClassification();

    /// <summary>Classification of texts.</summary>
    public static ModelOutput TextClassification => new TextClassification();

    /// <summary>Next-token prediction.</summary>
    public static ModelOutput LanguageModeling => new LanguageModeling();

    /// <summary>Classification with one logit and labels 0 and 1.</summary>
    public static ModelOutput BinaryClassification => new BinaryClassification();

    /// <summary>Prediction of one value or several under the squared error.</summary>
    public static ModelOutput Regression => new Regression();

    /// <summary>Names that <see cref="ByName"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "image_classification", "iterative_image_classification", "text_classification", Clip.TaskName, "language_modeling",
        "binary_classification", "regression",
    ];

    /// <summary>The task of that name, as MadryLab/trak spells those it has.</summary>
    /// <param name="name">
    /// One of <see cref="Names"/>; <c>iterative_image_classification</c> is the same as <c>image_classification</c> here.
    /// </param>
    /// <param name="options">What the task may be told; null for the defaults.</param>
    /// <exception cref="TrakException">There is no such task, or the options are not for it.</exception>
    public static ModelOutput ByName(string name, TaskOptions? options = null)
    {
        options ??= new TaskOptions();
        if (!Names.Contains(name)) throw new TrakException($"There is no task '{name}'; there are {string.Join(", ", Names)}.");
        options.CheckFor(name);
        float temperature = options.Temperature ?? 1;
        return name switch
        {
            "text_classification" => new TextClassification(temperature),
            "language_modeling" => new LanguageModeling(temperature),
            "binary_classification" => new BinaryClassification(temperature),
            "regression" => new Regression(),
            Clip.TaskName => new Clip(options.Contrast!, temperature, options.ClipBatchSize),
            _ => new ImageClassification(temperature),
        };
    }
}
