namespace TrakFast;

/// <summary>Names of the files in a save directory; MadryLab/trak's, and <c>trakfast.json</c> with our own beside them.</summary>
internal readonly record struct StorePaths(string Root)
{
    /// <summary>The save directory that an array lies in.</summary>
    public static string RootOf(string array) => Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(array)))!;

    public string Manifest => Path.Combine(Root, "trakfast.json");

    /// <summary>The same again, for when the first is damaged.</summary>
    public string ManifestCopy => Path.Combine(Root, ".trakfast.copy.json");

    public string Lock => Path.Combine(Root, ".trakfast.lock");

    public string Metadata => Path.Combine(Root, "metadata.json");

    public string Experiments => Path.Combine(Root, "experiments.json");

    public string ScoresFolder => Path.Combine(Root, "scores");

    public string ModelFlags(int modelId) => Path.Combine(Root, $"id_{modelId}.json");

    public string ModelFolder(int modelId) => Path.Combine(Root, $"{modelId}");

    public string Gradients(int modelId) => Path.Combine(ModelFolder(modelId), "grads.mmap");

    public string OutToLoss(int modelId) => Path.Combine(ModelFolder(modelId), "out_to_loss.mmap");

    public string Features(int modelId) => Path.Combine(ModelFolder(modelId), "features.mmap");

    public string IsFeaturized(int modelId) => Path.Combine(ModelFolder(modelId), "_is_featurized.mmap");

    public string Factor(int modelId) => Path.Combine(ModelFolder(modelId), "cholesky.npy");

    public string TargetGradients(int modelId, string experiment) => Path.Combine(ModelFolder(modelId), $"{experiment}_grads.mmap");

    public string TargetMarks(int modelId, string experiment) => Path.Combine(ModelFolder(modelId), $"{experiment}_is_featurized.mmap");

    /// <summary>What made the scores, beside them.</summary>
    public string ScoresNote(string experiment) => Path.Combine(ScoresFolder, $"{experiment}.json");

    public string Scores(string experiment) => Path.Combine(ScoresFolder, $"{experiment}.mmap");
}
