using System.Text.Json;

namespace TrakFast.Datasets;

/// <summary>Reads the sizes of Hugging Face's <c>preprocessor_config.json</c>: what is resized to, and what is cut out.</summary>
internal static class ProcessorSizes
{
    /// <summary>Reads them.</summary>
    /// <param name="fields">The file.</param>
    /// <param name="family">The processor's name without its end.</param>
    /// <param name="known">What is known of it.</param>
    /// <exception cref="InputException">They are of a kind that is not known.</exception>
    public static (PictureSize? Size, PictureCrop? Crop) Read(ConfigurationFields fields, string family, ProcessorDefaults? known)
    {
        bool resizes = fields.Flag("do_resize", known is not null || fields.Value("size") is not null);
        Sides size = Read(fields, "size") ?? new Sides(known?.Size, null, null, null, null);
        double? percent = fields.Number("crop_pct");
        if (percent is <= 0 or > 1)
            throw new InputException($"{fields.Name}: crop_pct is {percent}, where more than 0, up to 1, is wanted.");
        if (percent is not null && known?.Sizing is not (ProcessorSizing.ConvNext or ProcessorSizing.PoolFormer))
            throw new InputException($"{fields.Name}: crop_pct is known of ConvNextImageProcessor and PoolFormerImageProcessor alone.");
        PictureCrop? crop = Crop(fields, known);
        if (!resizes) return (null, crop);
        bool? square = fields.Value("default_to_square") is null ? null : fields.Flag("default_to_square", true);
        if (size.Number is not null && known is null && square is null)
        {
            throw new InputException(
                $"{fields.Name}: size is {size.Number}, and whether an image_processor_type of {(family.Length == 0 ? "none" : family)} "
                + "takes that for a square or for the shorter edge is not known; write height and width, or shortest_edge.");
        }

        return known?.Sizing switch
        {
            ProcessorSizing.ConvNext => ConvNext(fields, size, percent ?? 224 / 256.0, crop),
            ProcessorSizing.Levit when (size.Number ?? size.Shortest) is { } edge =>
                (PictureSize.ShorterEdge((int)(256 / 224.0 * edge)), crop),
            ProcessorSizing.PoolFormer => (PoolFormer(fields, size, percent ?? 0.9), crop),
            _ => (Plain(fields, size, square ?? known?.Sizing is not (ProcessorSizing.ShorterEdge or ProcessorSizing.Levit)), crop),
        };
    }

    private static PictureSize Plain(ConfigurationFields fields, Sides size, bool square) => size switch
    {
        { Number: { } side } => square ? PictureSize.Exact(side, side) : PictureSize.ShorterEdge(side),
        { Height: { } height, Width: { } width, Shortest: null, Longest: null } => PictureSize.Exact(height, width),
        { Height: null, Width: null, Shortest: { } edge, Longest: null } => PictureSize.ShorterEdge(edge),
        { Height: null, Width: null, Shortest: null, Longest: { } edge } => PictureSize.LongerEdge(edge),
        _ => throw Unknown(fields),
    };

    private static (PictureSize Size, PictureCrop? Crop) ConvNext(
        ConfigurationFields fields, Sides size, double percent, PictureCrop? crop)
    {
        int edge = size.Number ?? size.Shortest ?? throw Unknown(fields);
        if (edge >= 384) return (PictureSize.Exact(edge, edge), crop);
        return (PictureSize.ShorterEdge(Divided(edge, percent)), new PictureCrop(edge, edge, CropRounding.Transformers));
    }

    // Height and width that are equal become a shorter edge too.
    private static PictureSize PoolFormer(ConfigurationFields fields, Sides size, double percent)
    {
        if (size is { Height: { } height, Width: { } width } && height != width)
            return PictureSize.Exact(Divided(height, percent), Divided(width, percent));
        return PictureSize.ShorterEdge(Divided(size.Number ?? size.Shortest ?? size.Height ?? throw Unknown(fields), percent));
    }

    private static int Divided(int side, double percent) => (int)Math.Min(int.MaxValue, side / percent);

    private static PictureCrop? Crop(ConfigurationFields fields, ProcessorDefaults? known)
    {
        Sides? sides = Read(fields, "crop_size");
        bool said = fields.Value("do_center_crop") is not null;
        bool crops = fields.Flag("do_center_crop", known?.Crop is not null);
        if (!said && known is null && sides is not null)
        {
            throw new InputException(
                $"{fields.Name} has a crop_size and does not say do_center_crop, and its image_processor_type is not known.");
        }

        if (!crops) return null;
        return sides switch
        {
            null when known?.Crop is { } side => new PictureCrop(side, side, CropRounding.Transformers),
            { Number: { } side } => new PictureCrop(side, side, CropRounding.Transformers),
            { Height: { } height, Width: { } width } => new PictureCrop(height, width, CropRounding.Transformers),
            _ => throw new InputException($"{fields.Name}: do_center_crop asks for a crop_size of one number, or of height and width."),
        };
    }

    private static Sides? Read(ConfigurationFields fields, string field)
    {
        if (fields.Value(field) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Array)
        {
            // Feature extractors of old had (height, width), or (width, height) before a library that read them so.
            double[] two = fields.Numbers(field)!;
            if (two.Length == 2 && two[0] == two[1] && two[0] is >= 1 and <= 65_535)
                return new Sides(null, (int)two[0], (int)two[0], null, null);
            throw fields.Not(field, value, "a number or an object of sides");
        }

        if (value.ValueKind != JsonValueKind.Object) return new Sides(fields.Whole(field), null, null, null, null);
        ConfigurationFields inner = fields.Object(field)!;
        Sides sides = new(null, inner.Whole("height"), inner.Whole("width"), inner.Whole("shortest_edge"), inner.Whole("longest_edge"));
        foreach ((string left, JsonElement what) in inner.Left)
            throw new InputException($"{fields.Name}: {field} has {left}, {ConfigurationFields.Short(what)}, which is not known.");
        return sides;
    }

    private static InputException Unknown(ConfigurationFields fields) =>
        new(fields.Value("size") is { } size
            ? $"{fields.Name}: size is {ConfigurationFields.Short(size)}, a combination that is not known."
            : $"{fields.Name} asks for do_resize and has no size.");

    private sealed record Sides(int? Number, int? Height, int? Width, int? Shortest, int? Longest);
}
