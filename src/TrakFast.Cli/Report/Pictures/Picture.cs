namespace TrakFast.Cli.Report.Pictures;

/// <summary>A picture of bytes: gray (one channel) or red, green, blue (three), row by row, channels together.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="Pixels">[Height, Width, Channels].</param>
internal sealed record Picture(int Width, int Height, int Channels, byte[] Pixels)
{
    /// <summary>
    /// The picture itself when both sides are at most <paramref name="maxSide"/>; otherwise whole blocks of pixels
    /// averaged, so that a report of photographs stays small.
    /// </summary>
    public Picture Shrink(int maxSide)
    {
        int block = (Math.Max(Width, Height) + maxSide - 1) / maxSide;
        if (block <= 1) return this;
        int width = Math.Max(1, Width / block), height = Math.Max(1, Height / block);
        byte[] pixels = new byte[width * height * Channels];
        for (int i = 0; i < pixels.Length; i++)
        {
            int channel = i % Channels, x = i / Channels % width, y = i / Channels / width;
            pixels[i] = Average(x * block, y * block, block, channel);
        }

        return new Picture(width, height, Channels, pixels);
    }

    private byte Average(int left, int top, int block, int channel)
    {
        int sum = 0, count = 0;
        for (int y = top; y < Math.Min(top + block, Height); y++)
        {
            for (int x = left; x < Math.Min(left + block, Width); x++, count++)
                sum += Pixels[(((y * Width) + x) * Channels) + channel];
        }

        return (byte)((sum + (count / 2)) / count);
    }
}
