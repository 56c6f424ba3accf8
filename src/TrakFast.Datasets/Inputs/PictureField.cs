using System.Runtime.InteropServices;
using TrakFast.Kernels;

namespace TrakFast.Datasets;

/// <summary>A column of pictures as the array that a model reads.</summary>
public sealed class PictureField : ExampleField
{
    private readonly string _column;
    private readonly string _folder;
    private readonly FieldArray _array;
    private readonly PicturePreprocessing _preprocessing;
    private readonly bool _upright;

    /// <summary>Creates the field.</summary>
    /// <param name="column">The column of pictures.</param>
    /// <param name="folder">What paths in the column are relative to.</param>
    /// <param name="array">The array, float32; its shape may be flat.</param>
    /// <param name="preprocessing">Makes all pictures one size.</param>
    /// <param name="upright">Whether to turn pictures as EXIF says.</param>
    public PictureField(string column, string folder, FieldArray array, PicturePreprocessing preprocessing, bool upright = true)
    {
        ArgumentNullException.ThrowIfNull(array);
        (_column, _folder, _array, _preprocessing, _upright) = (column, folder, array, preprocessing, upright);
        if (array.Type != ElementType.Float32) throw new InputException($"'{array.Name}' is {array.Type}; pictures are read as float32.");
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => [_column];

    /// <inheritdoc/>
    public override IReadOnlyList<FieldArray> Arrays => [_array];

    /// <inheritdoc/>
    public override string Description => $"'{_column}', {_preprocessing.Description}{(_upright ? "" : ", as stored")}";

    /// <inheritdoc/>
    internal override PreparedExample Prepare(ReadOnlySpan<object?> values, string where)
    {
        Picture picture = PictureBytes.Read(values[0], where, _folder, _upright);
        IReadOnlyList<long> shape = _preprocessing.ShapeOf(picture);
        return shape.Aggregate(1L, static (a, b) => a * b) * sizeof(float) == _array.Bytes
            && (_array.Shape.Count != 3 || shape.SequenceEqual(_array.Shape))
            ? new PreparedExample(_preprocessing.ToPixels(picture))
            : throw new InputException(
                $"{where} is {picture.Height} × {picture.Width} pixels (height × width) and comes out as [{string.Join(", ", shape)}], "
                + $"and '{_array.Name}' is [{string.Join(", ", _array.Shape)}]; --resize and --crop make pictures one size.");
    }

    /// <inheritdoc/>
    internal override void Write(PreparedExample example, int place, IReadOnlyList<byte[]> arrays) =>
        _preprocessing.Normalize((byte[])example.Content, MemoryMarshal.Cast<byte,
            float>(arrays[0].AsSpan(place * _array.Bytes, _array.Bytes)));
}
