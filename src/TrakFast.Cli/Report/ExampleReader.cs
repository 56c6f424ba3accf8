using TrakFast.Cli.Report.Content;

namespace TrakFast.Cli.Report;

/// <summary>An example as it is shown.</summary>
/// <param name="Content">What it looks like.</param>
/// <param name="Label">Its label, when there is one.</param>
internal sealed record ShownExample(ExampleContent Content, string? Label);

/// <summary>Reads single examples of a training set and of targets, as a report shows them.</summary>
internal abstract class ExampleReader
{
    /// <summary>Number of training examples.</summary>
    public abstract long TrainCount { get; }

    /// <summary>Number of targets.</summary>
    public abstract long TargetCount { get; }

    /// <summary>Sentences on what was shown otherwise than asked, among the examples read so far.</summary>
    public virtual IEnumerable<string> Warnings => [];

    /// <summary>What a label is called.</summary>
    public abstract string LabelName(long label);

    /// <summary>A training example.</summary>
    public abstract ShownExample Train(long index);

    /// <summary>A target.</summary>
    public abstract ShownExample Target(long index);
}
