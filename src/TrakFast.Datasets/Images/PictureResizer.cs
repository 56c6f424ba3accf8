using System.Buffers;

namespace TrakFast.Datasets;

/// <summary>
/// Resizes 8-bit pixels bit for bit as PIL's <c>Image.resize</c> does: first the rows, rounded to 8 bits, then the columns,
/// over as many pixels as the scale says (what torchvision calls antialias).
/// </summary>
internal static class PictureResizer
{
    // What coefficients may take, beside a picture: a row of a million pixels made one of ten thousand takes 2 MB.
    private const double MostFilterBytes = 256 << 20;

    /// <summary>Writes the resized pixels.</summary>
    /// <param name="source">[height, width, channels].</param>
    /// <param name="width">Old pixels in a row.</param>
    /// <param name="height">Old rows.</param>
    /// <param name="channels">3 or 1.</param>
    /// <param name="destination">[newHeight, newWidth, channels].</param>
    /// <param name="newWidth">New pixels in a row.</param>
    /// <param name="newHeight">New rows.</param>
    /// <param name="resampling">How.</param>
    /// <param name="vectorized">Whether to take the vectorized passes; they and the plain ones give the same bytes.</param>
    /// <exception cref="InputException">The sides are beyond what is resized.</exception>
    public static void Resize(
        ReadOnlySpan<byte> source, int width, int height, int channels, Span<byte> destination, int newWidth, int newHeight,
        PictureResampling resampling, bool vectorized = true)
    {
        if (width == newWidth && height == newHeight)
        {
            source.CopyTo(destination);
            return;
        }

        if (resampling == PictureResampling.Nearest)
        {
            Nearest(source, width, height, channels, destination, newWidth, newHeight);
            return;
        }

        long middle = (long)newWidth * height;
        if (middle > Picture.MostPixels || ResamplingFilter.Bytes(width, newWidth, resampling) > MostFilterBytes
            || ResamplingFilter.Bytes(height, newHeight, resampling) > MostFilterBytes)
        {
            throw new InputException(
                $"A picture of {width} × {height} pixels cannot be made one of {newWidth} × {newHeight}: it takes too much memory.");
        }

        if (height == newHeight)
        {
            Rows(source, width, height, channels, destination, ResamplingFilter.Create(width, newWidth, resampling), vectorized);
            return;
        }

        ResamplingFilter columns = ResamplingFilter.Create(height, newHeight, resampling);
        if (width == newWidth)
        {
            ResizingPasses.Columns(source, width * channels, destination, columns, vectorized);
            return;
        }

        byte[] rows = ArrayPool<byte>.Shared.Rent((int)middle * channels);
        Rows(source, width, height, channels, rows, ResamplingFilter.Create(width, newWidth, resampling), vectorized);
        ResizingPasses.Columns(rows.AsSpan(0, (int)middle * channels), newWidth * channels, destination, columns, vectorized);
        ArrayPool<byte>.Shared.Return(rows);
    }

    private static void Rows(
        ReadOnlySpan<byte> source, int width, int height, int channels, Span<byte> destination, ResamplingFilter filter,
        bool vectorized)
    {
        int stride = width * channels, newStride = filter.First.Length * channels;
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = destination.Slice(y * newStride, newStride);

            // The vectorized pass reads four bytes for a pixel of three, so the last row has not room enough.
            if (vectorized && channels == 3 && y < height - 1) ResizingPasses.ColorRow(source[(y * stride)..], row, filter);
            else ResizingPasses.Row(source.Slice(y * stride, stride), channels, row, filter);
        }
    }

    // As PIL's ImagingScaleAffine, which adds the step up rather than multiplying.
    private static void Nearest(
        ReadOnlySpan<byte> source, int width, int height, int channels, Span<byte> destination, int newWidth, int newHeight)
    {
        double stepX = (double)width / newWidth, stepY = (double)height / newHeight;
        int[] columns = ArrayPool<int>.Shared.Rent(newWidth);
        double at = stepX * 0.5;
        for (int x = 0; x < newWidth; x++, at += stepX) columns[x] = (int)at < width ? channels * (int)at : -1;
        at = stepY * 0.5;
        for (int y = 0; y < newHeight; y++, at += stepY)
        {
            Span<byte> row = destination.Slice(y * newWidth * channels, newWidth * channels);
            row.Clear();
            if ((int)at >= height) continue;
            ReadOnlySpan<byte> old = source.Slice((int)at * width * channels, width * channels);
            for (int x = 0; x < newWidth; x++)
                if (columns[x] >= 0) old.Slice(columns[x], channels).CopyTo(row[(channels * x)..]);
        }

        ArrayPool<int>.Shared.Return(columns);
    }
}
