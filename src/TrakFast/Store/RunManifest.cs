using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TrakFast;

/// <summary>
/// <c>trakfast.json</c>: what a save directory was made with, beside the files MadryLab/trak knows. Everything here is
/// compared when the directory is opened again, so that two runs cannot mix.
/// </summary>
internal sealed record RunManifest : JsonRecord
{
    public const int CurrentFormat = 2;

    public required int Format { get; init; }

    /// <summary>
    /// XXH3 over all that is known here, so that no number changes unseen. What another version added does not count, nor does
    /// how the text is laid out.
    /// </summary>
    public string? Checksum { get; init; }

    /// <summary>The version of TrakFast that wrote it last.</summary>
    public string Version { get; init; } = string.Empty;

    /// <summary>
    /// What featurized: engines with the type that they computed in, such as <c>managed float32</c>, in the order they came.
    /// </summary>
    public IReadOnlyList<string> Engines { get; init; } = [];

    public required RunIdentity Run { get; init; }

    /// <summary>By model id.</summary>
    public required SortedDictionary<int, ModelRecord> Models { get; init; }

    /// <summary>By experiment name.</summary>
    public required SortedDictionary<string, ExperimentRecord> Experiments { get; init; }

    /// <summary>Checks what JSON does not: that no entry is empty and every number is one that a run can have.</summary>
    /// <param name="path">What errors call the file.</param>
    /// <exception cref="TrakException">The format is another, or the file was damaged.</exception>
    public void Check(string path)
    {
        if (Format > CurrentFormat)
            throw new SaveDirectoryException(
                $"{path} has format {Format}, and this version of TrakFast reads format {CurrentFormat}; use a newer one.");
        if (Format < CurrentFormat)
            throw new SaveDirectoryException(
                $"{path} has format {Format}, which TrakFast wrote before its first release; "
                + $"this version reads format {CurrentFormat}. Choose another save directory.");
        string? damage = Run.Damage() ?? Models.Select(Damage).Concat(Experiments.Select(Damage)).FirstOrDefault(static d => d is not null);
        if (damage is not null)
            throw new SaveDirectoryException($"{path} is damaged: {damage}; restore it, or choose another save directory.");
    }

    /// <summary>Refuses a file whose known numbers are not those that were written.</summary>
    /// <param name="path">What errors call the file.</param>
    /// <exception cref="SaveDirectoryException">They are not.</exception>
    public void CheckSum(string path)
    {
        if (Checksum != Sum())
            throw new SaveDirectoryException(
                $"{path} is damaged: its checksum is {Checksum ?? "missing"}, and what it says has {Sum()}; "
                + $"`trakfast verify --save-dir {Path.GetDirectoryName(path)} --repair` takes the copy beside it.");
    }

    /// <summary>The same with the checksum that it has now.</summary>
    public RunManifest Summed() => this with { Checksum = Sum() };

    private string Sum()
    {
        RunManifest known = this with
        {
            Checksum = null,
            Unknown = null,
            Run = Run with { Unknown = null },
            Models = new(Models.ToDictionary(static m => m.Key, static m => m.Value with { Unknown = null })),
            Experiments = new(
                Experiments.ToDictionary(
                    static e => e.Key,
                    static e => e.Value with { Unknown = null, Scores = e.Value.Scores is { } s ? s with { Unknown = null } : null }),
                StringComparer.Ordinal),
        };
        return Convert.ToHexStringLower(XxHash3.Hash(JsonSerializer.SerializeToUtf8Bytes(known, StoreJson.Default.RunManifest)));
    }

    private string? Damage(KeyValuePair<int, ModelRecord> model) => model switch
    {
        { Key: < 0 } => $"a model id is {model.Key}",
        { Value: null } => $"model {model.Key} has no record",
        { Value.Weights.Length: not 64 } when Run.IsOurs =>
            $"the hash of model {model.Key} has {model.Value.Weights.Length} digits instead of 64",
        { Value.Finalized: { } f } when !(double.IsFinite(f.Lambda) && f.Lambda >= 0) =>
            $"model {model.Key} was finalized with λ = {f.Lambda}",
        { Value.Finalized: { } f } when !TrakWords.Weightings.TryParse(f.Weighting, out _) =>
            $"model {model.Key} was finalized with the weighting '{f.Weighting}'",
        _ => null,
    };

    private string? Damage(KeyValuePair<string, ExperimentRecord> experiment) => experiment switch
    {
        { Key: "" or "." or ".." } => $"an experiment is named '{experiment.Key}'",
        _ when Path.GetFileName(experiment.Key) != experiment.Key => $"an experiment is named '{experiment.Key}'",
        { Value: null } => $"experiment '{experiment.Key}' has no record",
        { Value.Targets: < 1 or > int.MaxValue } => $"experiment '{experiment.Key}' has {experiment.Value.Targets} targets",
        { Value.Scores: { } scores } when scores.Models.Count == 0 || !scores.Models.All(Models.ContainsKey) =>
            $"experiment '{experiment.Key}' was scored with the models {string.Join(", ", scores.Models)}, "
            + $"and there are {string.Join(", ", Models.Keys)}",
        { Value.Scores: { } scores } when !TrakWords.Weightings.TryParse(scores.Weighting, out _) =>
            $"experiment '{experiment.Key}' was scored with the weighting '{scores.Weighting}'",
        _ => null,
    };
}

/// <summary>What fixes the features of a run: none of it may differ between two openings of one directory.</summary>
internal sealed record RunIdentity : JsonRecord
{
    /// <summary>What stands for the task in a directory that MadryLab/trak began.</summary>
    public const string ForeignTask = "unknown";

    public required string Task { get; init; }

    /// <summary>What else fixes the task's f and Q, by name.</summary>
    public SortedDictionary<string, string> TaskSettings { get; init; } = [];

    public required long TrainSetSize { get; init; }

    /// <summary>What identifies the training data, or empty where nobody said.</summary>
    public string TrainSetId { get; init; } = string.Empty;

    public required string Projection { get; init; }

    public required int ProjectionDimension { get; init; }

    public required int Sparsity { get; init; }

    public required uint Seed { get; init; }

    public required string Scaling { get; init; }

    public required string Precision { get; init; }

    public required long GradientDimension { get; init; }

    /// <summary>SHA-256 over the selected parameters' names and shapes, in order.</summary>
    public required string Parameters { get; init; }

    /// <summary>Whether TrakFast featurized it; a directory that MadryLab/trak began keeps no task.</summary>
    [JsonIgnore]
    public bool IsOurs => Task != ForeignTask;

    /// <summary>Which number no run can have, in words, or null.</summary>
    public string? Damage() => this switch
    {
        { TrainSetSize: < 1 or > int.MaxValue } => $"the train set size is {TrainSetSize}",
        _ when TaskSettings.FirstOrDefault(static s => string.IsNullOrEmpty(s.Value)) is { Key: { } name } =>
            $"the task's setting '{name}' has no value",
        { ProjectionDimension: < 1 } => $"the projection dimension is {ProjectionDimension}",
        { GradientDimension: < 0 } => $"the gradient dimension is {GradientDimension}",
        { Sparsity: < 1 } => $"the sparsity is {Sparsity}",
        _ when !TrakWords.Projections.TryParse(Projection, out _) => $"the projection is '{Projection}'",
        _ when !TrakWords.Scalings.TryParse(Scaling, out _) => $"the scaling is '{Scaling}'",
        _ when !TrakWords.Precisions.TryParse(Precision, out _) => $"the precision is '{Precision}'",
        _ => null,
    };

    /// <summary>What differs from another run, in words with both values, or null.</summary>
    public string? DifferenceFrom(RunIdentity other)
    {
        (string Name, object Mine, object Theirs)[] facts =
        [
            ("task", Task, other.Task),
            ("train set size", TrainSetSize, other.TrainSetSize),
            ("training data", TrainSetId, other.TrainSetId),
            ("projection", Projection, other.Projection),
            ("projection dimension", ProjectionDimension, other.ProjectionDimension),
            ("sparsity", Sparsity, other.Sparsity),
            ("seed", Seed, other.Seed),
            ("scaling", Scaling, other.Scaling),
            ("precision", Precision, other.Precision),
            ("gradient dimension", GradientDimension, other.GradientDimension),
            ("selected parameters, as the checkpoints or --parameters tell them (hash)", Parameters, other.Parameters),
        ];
        IEnumerable<(string Name, object Mine, object Theirs)> settings = TaskSettings.Keys.Union(other.TaskSettings.Keys)
            .Select(name => ($"task's {name}", (object)Setting(this, name), (object)Setting(other, name)));
        string[] differences = [.. facts
            .Concat(settings)
            .Where(static f => !f.Mine.Equals(f.Theirs))
            .Select(static f => $"{f.Name} {Brief(f.Theirs)}, now {Brief(f.Mine)}")];
        return differences.Length == 0 ? null : string.Join("; ", differences);

        static string Setting(RunIdentity run, string name) => run.TaskSettings.GetValueOrDefault(name, "not set");
    }

    // A contrast set may be long; its beginning, its length and a hash still tell two apart.
    private static string Brief(object value)
    {
        string text = $"{value}";
        return text.Length <= 80
            ? text
            : $"{text[..40]}… ({text.Length} characters, "
                + $"hash {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8]})";
    }
}

/// <summary>A checkpoint in the store.</summary>
internal sealed record ModelRecord : JsonRecord
{
    /// <summary>SHA-256 of the weights.</summary>
    public required string Weights { get; init; }

    /// <summary>How its kernel matrix was finalized, or null while it is not.</summary>
    public Finalization? Finalized { get; init; }
}

/// <summary>How a checkpoint's kernel matrix was regularized and factored.</summary>
internal sealed record Finalization
{
    public required double Lambda { get; init; }

    public required bool LambdaIsRelative { get; init; }

    /// <summary>What was added to the diagonal.</summary>
    public required double LambdaAbsolute { get; init; }

    public required string Weighting { get; init; }

    /// <summary>What (ΦᵀΦ + λI)⁻¹ is multiplied by: 1, or in TRAK scaling 1 / mean|(ΦᵀΦ + λI)⁻¹|.</summary>
    public required double InverseScale { get; init; }
}

/// <summary>A named set of targets in the store.</summary>
internal sealed record ExperimentRecord : JsonRecord
{
    public required long Targets { get; init; }

    /// <summary>What identifies the targets' data, or empty where nobody said.</summary>
    public string TargetSetId { get; init; } = string.Empty;

    /// <summary>How the scores in <c>scores/</c> were made, or null while there are none.</summary>
    public ScoresRecord? Scores { get; init; }
}

/// <summary>How the scores of an experiment were made.</summary>
internal sealed record ScoresRecord : JsonRecord
{
    public required IReadOnlyList<int> Models { get; init; }

    public required double Lambda { get; init; }

    public required bool LambdaIsRelative { get; init; }

    /// <summary>What was added to the diagonal, for each of the models.</summary>
    public IReadOnlyList<double> LambdaAbsolute { get; init; } = [];

    public required string Weighting { get; init; }

    /// <summary>What featurized, training set and targets: engines with the type that they computed in.</summary>
    public IReadOnlyList<string> Engines { get; init; } = [];

    /// <summary>What solved and multiplied.</summary>
    public string Backend { get; init; } = string.Empty;

    /// <summary>The version of TrakFast that made the scores.</summary>
    public string Version { get; init; } = string.Empty;

    /// <summary>SHA-256 of the weights of each of the models.</summary>
    public IReadOnlyList<string> Weights { get; init; } = [];
}

/// <summary><c>scores/NAME.json</c>: what made the scores beside it, for people and programs that are given the scores alone.</summary>
internal sealed record ScoresNote
{
    public required string Experiment { get; init; }

    /// <summary>Training examples and targets, [n, m].</summary>
    public required IReadOnlyList<long> Shape { get; init; }

    public required ScoresRecord Scores { get; init; }

    public required string TargetSetId { get; init; }

    public required RunIdentity Run { get; init; }
}

/// <summary>An object of <c>trakfast.json</c>: what another version added to it stays when it is written again.</summary>
internal abstract record JsonRecord
{
    /// <summary>Fields that this version does not know.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>MadryLab/trak's <c>metadata.json</c>.</summary>
internal sealed record TrakMetadata
{
    [JsonPropertyName("JL dimension")]
    public required int Dimension { get; init; }

    [JsonPropertyName("JL matrix type")]
    public required string MatrixType { get; init; }

    [JsonPropertyName("train set size")]
    public required long TrainSetSize { get; init; }
}

/// <summary>An entry of MadryLab/trak's <c>id_N.json</c>.</summary>
internal sealed record TrakModelFlags
{
    public required int IsFeaturized { get; init; }

    public required int IsFinalized { get; init; }
}

/// <summary>An entry of MadryLab/trak's <c>experiments.json</c>.</summary>
internal sealed record TrakExperiment
{
    public required long NumTargets { get; init; }

    public required string ScoresPath { get; init; }

    public required int ScoresFinalized { get; init; }
}

/// <summary>Reads and writes the store's JSON without reflection.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RunManifest))]
[JsonSerializable(typeof(ScoresNote))]
[JsonSerializable(typeof(TrakMetadata))]
[JsonSerializable(typeof(Dictionary<string, TrakModelFlags>))]
[JsonSerializable(typeof(Dictionary<string, TrakExperiment>))]
internal sealed partial class StoreJson : JsonSerializerContext;
