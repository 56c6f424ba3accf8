using TrakFast.Datasets;

namespace TrakFast.Cli.Data;

/// <summary>What labels a task reads.</summary>
internal static class TaskLabels
{
    /// <summary>The kind of labels of a task, by its name.</summary>
    public static LabelKind Of(string task) => task switch
    {
        "clip" => LabelKind.None,
        "language_modeling" => LabelKind.Tokens,
        "regression" => LabelKind.Values,
        _ => LabelKind.Classes,
    };
}
