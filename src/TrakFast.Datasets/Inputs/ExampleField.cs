namespace TrakFast.Datasets;

/// <summary>Makes arrays of a source's columns, an example at a time and on several threads at once.</summary>
public abstract class ExampleField
{
    /// <summary>The columns that it reads.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>The arrays that it makes.</summary>
    public abstract IReadOnlyList<FieldArray> Arrays { get; }

    /// <summary>What it does, for people: <c>image, resized to 32 by 32, divided by 255</c>.</summary>
    public abstract string Description { get; }

    /// <summary>What else the arrays depend on than the source: settings, and files such as a tokenizer.</summary>
    public virtual string Identity => Description;

    /// <summary>Reads one example as far as it is worth keeping: a picture's pixels, a text's tokens.</summary>
    /// <param name="values">The columns' values.</param>
    /// <param name="where">Where the row stands, for sentences.</param>
    /// <exception cref="TrakException">The row holds nothing that fits.</exception>
    internal abstract PreparedExample Prepare(ReadOnlySpan<object?> values, string where);

    /// <summary>Writes one example into its arrays.</summary>
    /// <param name="example">What <see cref="Prepare"/> made.</param>
    /// <param name="place">The example's place in the arrays.</param>
    /// <param name="arrays">Room for the arrays, each [B, …].</param>
    internal abstract void Write(PreparedExample example, int place, IReadOnlyList<byte[]> arrays);
}
