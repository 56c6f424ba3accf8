namespace TrakFast.Datasets;

/// <summary>Where the middle is when what is cut off does not halve.</summary>
public enum CropRounding
{
    /// <summary>torchvision's <c>CenterCrop</c>: a half goes to the even number; a smaller picture is padded less above and left.</summary>
    Torchvision,

    /// <summary>Hugging Face's <c>center_crop</c>: a half goes up and left; a smaller picture is padded more above and left.</summary>
    Transformers,
}

/// <summary>The middle of a picture, with black around it where the picture is smaller.</summary>
/// <param name="Height">Rows, 1 to 65,535.</param>
/// <param name="Width">Pixels in a row, 1 to 65,535.</param>
/// <param name="Rounding">Where the middle is.</param>
public sealed record PictureCrop(int Height, int Width, CropRounding Rounding = CropRounding.Torchvision)
{
    /// <summary>The place of the crop's first row and column in the picture; negative where black stands before it.</summary>
    /// <param name="height">The picture's rows.</param>
    /// <param name="width">The picture's pixels in a row.</param>
    internal (int Top, int Left) Place(int height, int width)
    {
        return Rounding == CropRounding.Transformers
            ? ((height - Height) >> 1, (width - Width) >> 1)
            : (Torchvision(height, Height), Torchvision(width, Width));
    }

    private static int Torchvision(int side, int wanted) =>
        wanted > side ? -((wanted - side) / 2) : (int)Math.Round((side - wanted) / 2.0, MidpointRounding.ToEven);
}
