using System.Globalization;

namespace TrakFast.Datasets;

/// <content>The two halves of the work: what is worth keeping, as bytes, and what is made of it for each batch.</content>
public sealed partial record PicturePreprocessing
{
    /// <summary>Channels of the result: 1 or 3.</summary>
    public int ChannelCount => Grayscale ? 1 : 3;

    /// <summary>What is done, for people: <c>resized to 256 (bilinear), middle 224 × 224, / 255</c>.</summary>
    public string Description
    {
        get
        {
            List<string> steps = [];
            if (Grayscale) steps.Add("gray");
            if (Size is { } size) steps.Add($"resized to {size.Description} ({Resampling.ToString().ToLowerInvariant()})");
            if (Crop is { } crop) steps.Add($"the middle {crop.Height} × {crop.Width}");
            if (BlueFirst) steps.Add("blue first");
            steps.Add(RescaleFactor == 1 / 255.0 ? "/ 255" : RescaleFactor == 1 ? "0 to 255" : $"× {Text(RescaleFactor)}");
            if (RescaleOffset != 0) steps.Add($"+ {Text(RescaleOffset)}");
            if (Mean.Count > 0 && Mean.Any(static m => m != 0)) steps.Add($"− {string.Join(' ', Mean.Select(Text))}");
            if (Std.Count > 0 && Std.Any(static s => s != 1)) steps.Add($"/ {string.Join(' ', Std.Select(Text))}");
            return string.Join(", ", steps);
        }
    }

    /// <summary>
    /// The pixels after resizing and cropping, [height, width, channels]; black where the crop is larger than the picture.
    /// </summary>
    /// <param name="picture">The picture.</param>
    /// <exception cref="InputException">The picture cannot be resized so.</exception>
    internal byte[] ToPixels(Picture picture)
    {
        int channels = ChannelCount;
        (int height, int width) = Resized(picture);
        byte[] resized = GC.AllocateUninitializedArray<byte>(checked(height * width * channels));
        Resize(picture, resized, height, width, channels);
        if (Crop is not { } crop || (crop.Height == height && crop.Width == width)) return resized;
        byte[] cut = new byte[checked(crop.Height * crop.Width * channels)];
        (int top, int left) = crop.Place(height, width);
        int start = Math.Max(0, -left), end = Math.Min(crop.Width, width - left);
        for (int y = Math.Max(0, -top); y < Math.Min(crop.Height, height - top) && start < end; y++)
            resized.AsSpan((((y + top) * width) + left + start) * channels, (end - start) * channels)
                .CopyTo(cut.AsSpan(((y * crop.Width) + start) * channels));
        return cut;
    }

    /// <summary>Rescales and normalizes pixels.</summary>
    /// <param name="pixels">[height, width, channels].</param>
    /// <param name="values">The same number of values, in the order of <see cref="Layout"/>.</param>
    internal void Normalize(ReadOnlySpan<byte> pixels, Span<float> values)
    {
        int channels = ChannelCount, plane = pixels.Length / channels;
        (int next, int step) = Layout == PictureLayout.ChannelsLast ? (1, channels) : (plane, 1);
        Span<float> table = stackalloc float[256];
        for (int c = 0; c < channels; c++)
        {
            Fill(table, c);
            int source = BlueFirst && channels == 3 ? 2 - c : c;
            for (int i = 0, to = c * next; i < plane; i++, to += step) values[to] = table[pixels[(i * channels) + source]];
        }
    }

    private static string Text(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
