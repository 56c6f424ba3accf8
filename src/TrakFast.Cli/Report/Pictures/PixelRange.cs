using System.Numerics.Tensors;
using TrakFast.Kernels;

namespace TrakFast.Cli.Report.Pictures;

/// <summary>The values that become black and white.</summary>
/// <param name="Low">Black.</param>
/// <param name="High">White.</param>
internal readonly record struct PixelRange(float Low, float High)
{
    // A set of byte pictures whose brightest pixel is below this would be too dark to see; it gets its own range.
    private const float LeastWhiteOfBytes = 128;

    /// <summary>
    /// The range of a whole data set, so that all its pictures are shown alike: 0–1 or 0–255 when the values lie there,
    /// otherwise from the least to the greatest.
    /// </summary>
    public static PixelRange Of(DataArray dataset)
    {
        if (dataset.Length == 0 || dataset.Type == ElementType.Bool) return new PixelRange(0, 1);
        float low = float.PositiveInfinity, high = float.NegativeInfinity;
        for (long row = 0; row < dataset.Shape.FirstOrDefault(1); row++)
        {
            float[] values = dataset.Shape.Count == 0 ? dataset.ToFloats() : dataset.Rows(row, 1).ToFloats();
            low = Math.Min(low, TensorPrimitives.Min<float>(values));
            high = Math.Max(high, TensorPrimitives.Max<float>(values));
        }

        if (!float.IsFinite(low) || !float.IsFinite(high))
            throw new TrakException(
                $"The examples hold values that are not finite (least {low}, greatest {high}); a picture cannot show them.");
        return (low, high) switch
        {
            ( >= 0, > 0 and <= 1) when dataset.Type.IsFloat() => new PixelRange(0, 1),
            ( >= 0, >= LeastWhiteOfBytes and <= 255) => new PixelRange(0, 255),
            _ => new PixelRange(low, high),
        };
    }

    /// <summary>The byte for a value; values outside the range are clamped, a range without width is black.</summary>
    public byte ToByte(float value) =>
        High > Low ? (byte)Math.Clamp(MathF.Round((value - Low) / (High - Low) * 255), 0, 255) : (byte)0;
}
