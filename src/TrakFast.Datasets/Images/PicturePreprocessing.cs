using System.Buffers;

namespace TrakFast.Datasets;

/// <summary>What a model's array holds first.</summary>
public enum PictureLayout
{
    /// <summary>[channels, height, width].</summary>
    ChannelsFirst,

    /// <summary>[height, width, channels].</summary>
    ChannelsLast,
}

/// <summary>
/// Makes a picture a model's input, as torchvision's transforms on PIL and Hugging Face's image processors do: gray, resize,
/// crop the middle, rescale, normalize. Resizing equals PIL's bit for bit.
/// </summary>
public sealed partial record PicturePreprocessing
{
    private readonly IReadOnlyList<double> _mean = [], _std = [];
    private readonly PictureCrop? _crop;

    /// <summary>The size to resize to; null leaves the picture's own.</summary>
    public PictureSize? Size { get; init; }

    /// <summary>How pixels are resampled.</summary>
    public PictureResampling Resampling { get; init; } = PictureResampling.Bilinear;

    /// <summary>The middle to cut out; null keeps all.</summary>
    /// <exception cref="InputException">A side is not between 1 and 65,535.</exception>
    public PictureCrop? Crop
    {
        get => _crop;
        init => _crop = value is null or { Height: >= 1 and <= 65_535, Width: >= 1 and <= 65_535 }
            ? value
            : throw new InputException($"A crop of {value.Height} × {value.Width} pixels is none: its sides are 1 to 65535.");
    }

    /// <summary>Whether one channel of luminance is made, before anything else, of three of color.</summary>
    public bool Grayscale { get; init; }

    /// <summary>Whether blue comes first.</summary>
    public bool BlueFirst { get; init; }

    /// <summary>What each value of 0 to 255 is multiplied by.</summary>
    public double RescaleFactor { get; init; } = 1 / 255.0;

    /// <summary>What is added then.</summary>
    public double RescaleOffset { get; init; }

    /// <summary>What is subtracted then: a number for each channel, one for all, or none.</summary>
    /// <exception cref="InputException">A number is not finite, or there are not 0, 1 or 3 of them.</exception>
    public IReadOnlyList<double> Mean
    {
        get => _mean;
        init => _mean = Channels(value, "mean", static v => double.IsFinite(v));
    }

    /// <summary>What is divided by then: a number for each channel, one for all, or none.</summary>
    /// <exception cref="InputException">A number is zero or not finite, or there are not 0, 1 or 3 of them.</exception>
    public IReadOnlyList<double> Std
    {
        get => _std;
        init => _std = Channels(value, "standard deviation", static v => double.IsFinite(v) && (float)v != 0);
    }

    /// <summary>The order of the axes.</summary>
    public PictureLayout Layout { get; init; }

    /// <summary>What the file that this was read from says and what changes no pixels here; empty where there was none.</summary>
    public IReadOnlyList<string> PassedOver { get; init; } = [];

    /// <summary>The shape of every picture, without the axis of examples; null where it depends on the picture.</summary>
    public IReadOnlyList<long>? Shape => Crop is { } crop
        ? Axes(crop.Height, crop.Width)
        : Size is { Height: { } height, Width: { } width } ? Axes(height, width) : null;

    /// <summary>The shape that a picture gets.</summary>
    /// <param name="picture">The picture.</param>
    /// <exception cref="InputException">Its proportions let no size of this kind be.</exception>
    public IReadOnlyList<long> ShapeOf(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (Shape is { } shape) return shape;
        (int height, int width) = Resized(picture);
        return Axes(height, width);
    }

    /// <summary>Writes a picture's values.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="values">As many values as <see cref="ShapeOf"/> says, in that order.</param>
    /// <exception cref="InputException">There is another number of values, or the picture cannot be resized so.</exception>
    public void Apply(Picture picture, Span<float> values)
    {
        ArgumentNullException.ThrowIfNull(picture);
        int channels = Grayscale ? 1 : 3;
        (int height, int width) = Resized(picture);
        (int rows, int columns) = Crop is { } crop ? (crop.Height, crop.Width) : (height, width);
        if (values.Length != (long)rows * columns * channels)
        {
            throw new InputException(
                $"{values.Length} values are not the {(long)rows * columns * channels} of {channels} × {rows} × {columns}.");
        }

        byte[] resized = ArrayPool<byte>.Shared.Rent(height * width * channels);
        try
        {
            Span<byte> pixels = resized.AsSpan(0, height * width * channels);
            Resize(picture, pixels, height, width, channels);
            Write(pixels, height, width, values, rows, columns, channels);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(resized);
        }
    }

    private void Resize(Picture picture, Span<byte> pixels, int height, int width, int channels)
    {
        if (channels == 3)
        {
            PictureResizer.Resize(picture.Pixels, picture.Width, picture.Height, 3, pixels, width, height, Resampling);
            return;
        }

        int count = picture.Width * picture.Height;
        byte[] gray = ArrayPool<byte>.Shared.Rent(count);
        try
        {
            Picture.Luminance(picture.Pixels, gray.AsSpan(0, count));
            PictureResizer.Resize(gray.AsSpan(0, count), picture.Width, picture.Height, 1, pixels, width, height, Resampling);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(gray);
        }
    }

    private void Write(ReadOnlySpan<byte> pixels, int height, int width, Span<float> values, int rows, int columns, int channels)
    {
        (int top, int left) = Crop?.Place(height, width) ?? (0, 0);
        int start = Math.Max(0, -left), end = Math.Min(columns, width - left);
        (int plane, int step) = Layout == PictureLayout.ChannelsLast ? (1, channels) : (rows * columns, 1);
        Span<float> table = stackalloc float[256];
        for (int c = 0; c < channels; c++)
        {
            Fill(table, c);
            int source = BlueFirst && channels == 3 ? 2 - c : c;
            for (int y = 0; y < rows; y++)
            {
                Span<float> line = values[((c * plane) + (y * columns * step))..];
                int row = y + top, first = start, last = end;
                if (row < 0 || row >= height) (first, last) = (columns, columns);
                for (int x = 0; x < first; x++) line[x * step] = table[0];
                ReadOnlySpan<byte> old = first < last ? pixels[((((row * width) + left + first) * channels) + source)..] : default;
                for (int x = first, from = 0; x < last; x++, from += channels) line[x * step] = table[old[from]];
                for (int x = last; x < columns; x++) line[x * step] = table[0];
            }
        }
    }

    // In float32 from the rescaled value on, as NumPy and PyTorch compute it.
    private void Fill(Span<float> table, int channel)
    {
        float mean = (float)At(_mean, channel, 0), std = (float)At(_std, channel, 1);
        for (int i = 0; i < table.Length; i++) table[i] = ((float)((i * RescaleFactor) + RescaleOffset) - mean) / std;
    }

    private static double At(IReadOnlyList<double> numbers, int channel, double none) =>
        numbers.Count == 0 ? none : numbers[Math.Min(channel, numbers.Count - 1)];

    private (int Height, int Width) Resized(Picture picture) =>
        Size?.Of(picture.Height, picture.Width) ?? (picture.Height, picture.Width);

    private long[] Axes(int height, int width) => (Layout, Channels: Grayscale ? 1 : 3) switch
    {
        (PictureLayout.ChannelsLast, int channels) => [height, width, channels],
        (_, int channels) => [channels, height, width],
    };

    private static double[] Channels(IReadOnlyList<double> numbers, string what, Func<double, bool> valid)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        if (numbers.Count is not (0 or 1 or 3) || !numbers.All(valid))
            throw new InputException($"[{string.Join(", ", numbers)}] is no {what} of a picture's channels.");
        return [.. numbers];
    }
}
