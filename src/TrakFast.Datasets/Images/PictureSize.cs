namespace TrakFast.Datasets;

/// <summary>What size a picture is brought to.</summary>
public sealed record PictureSize
{
    private const int Largest = 65_535;

    private readonly int? _height, _width, _shorter, _longest;

    private PictureSize(int? height, int? width, int? shorter, int? longest)
    {
        foreach (int? side in (int?[])[height, width, shorter, longest])
            if (side is < 1 or > Largest) throw new InputException($"A picture's side cannot be {side}: it is 1 to {Largest} pixels.");
        (_height, _width, _shorter, _longest) = (height, width, shorter, longest);
    }

    /// <summary>The height that every picture gets; null where it depends on the picture.</summary>
    public int? Height => _height;

    /// <summary>The width that every picture gets; null where it depends on the picture.</summary>
    public int? Width => _width;

    /// <summary>These sides, whatever the picture's proportions.</summary>
    /// <param name="height">Pixels, 1 to 65,535.</param>
    /// <param name="width">Pixels, 1 to 65,535.</param>
    /// <exception cref="InputException">A side is out of range.</exception>
    public static PictureSize Exact(int height, int width) => new(height, width, null, null);

    /// <summary>
    /// This shorter edge, and the longer in proportion, rounded down: torchvision's <c>Resize(edge, max_size=longest)</c>.
    /// </summary>
    /// <param name="edge">Pixels, 1 to 65,535.</param>
    /// <param name="longest">The most pixels of the longer edge, for the sake of which the shorter becomes shorter.</param>
    /// <exception cref="InputException">A side is out of range.</exception>
    public static PictureSize ShorterEdge(int edge, int? longest = null) => new(null, null, edge, longest);

    /// <summary>This longer edge, and the shorter in proportion, rounded to the nearest: SAM's <c>longest_edge</c>.</summary>
    /// <param name="edge">Pixels, 1 to 65,535.</param>
    /// <exception cref="InputException">The edge is out of range.</exception>
    public static PictureSize LongerEdge(int edge) => new(null, null, null, edge);

    /// <summary>The size, for people.</summary>
    internal string Description => _height is not null ? $"{_height} × {_width}"
        : _shorter is null ? $"{_longest} at the longer side"
        : _longest is null ? $"{_shorter} at the shorter side"
        : $"{_shorter} at the shorter side, {_longest} at most";

    /// <summary>The sides that a picture gets.</summary>
    /// <param name="height">Its rows.</param>
    /// <param name="width">Its pixels in a row.</param>
    /// <exception cref="InputException">They would be none, or more than a picture may have.</exception>
    public (int Height, int Width) Of(int height, int width)
    {
        (long newHeight, long newWidth) = Sides(height, width);
        if (newHeight < 1 || newWidth < 1 || newHeight * newWidth > Picture.MostPixels)
            throw new InputException($"A picture of {width} × {height} pixels would become one of {newWidth} × {newHeight}.");
        return ((int)newHeight, (int)newWidth);
    }

    private (long Height, long Width) Sides(int height, int width)
    {
        if (_height is { } exactHeight && _width is { } exactWidth) return (exactHeight, exactWidth);
        long shorter, longer;
        if (_shorter is { } edge)
        {
            (shorter, longer) = (edge, (long)(edge * (double)Math.Max(height, width) / Math.Min(height, width)));
            if (_longest is { } longest && longer > longest) (shorter, longer) = ((long)(longest * (double)shorter / longer), longest);
        }
        else
        {
            longer = _longest.GetValueOrDefault();
            shorter = (long)((Math.Min(height, width) * (longer / (double)Math.Max(height, width))) + 0.5);
        }

        return width <= height ? (longer, shorter) : (shorter, longer);
    }
}
