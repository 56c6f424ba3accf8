using System.Runtime.InteropServices;
using TrakFast.Kernels;

namespace TrakFast.Datasets;

/// <summary>One class for each example.</summary>
public sealed class LabelField : ExampleField
{
    private readonly string _column;
    private readonly FieldArray _array;

    /// <summary>Creates the field.</summary>
    /// <param name="name">The array's name.</param>
    /// <param name="column">The column of labels.</param>
    /// <param name="classes">Numbers them.</param>
    public LabelField(string name, string column, ClassNumbers classes) =>
        (_array, _column, Classes) = (new FieldArray(name, ElementType.Int64, []), column, classes);

    /// <summary>Numbers and names the labels.</summary>
    public ClassNumbers Classes { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => [_column];

    /// <inheritdoc/>
    public override IReadOnlyList<FieldArray> Arrays => [_array];

    /// <inheritdoc/>
    public override string Description => $"'{_column}', {Classes.Description}";

    /// <inheritdoc/>
    public override string Identity => $"{Description} {(Classes.AreWords ? string.Join('\n', Classes.Names!) : "")}";

    /// <inheritdoc/>
    internal override PreparedExample Prepare(ReadOnlySpan<object?> values, string where) =>
        new(new[] { Classes.Number(values[0], where, _column) });

    /// <inheritdoc/>
    internal override void Write(PreparedExample example, int place, IReadOnlyList<byte[]> arrays)
    {
        Span<long> labels = MemoryMarshal.Cast<byte, long>(arrays[0].AsSpan());
        labels[place] = ((long[])example.Content)[0];
    }
}
