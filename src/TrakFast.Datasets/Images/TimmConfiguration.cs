namespace TrakFast.Datasets;

/// <summary>Reads the <c>pretrained_cfg</c> of timm's <c>config.json</c>: its transform for evaluation.</summary>
internal static class TimmConfiguration
{
    /// <summary>Reads it.</summary>
    /// <param name="fields">The object.</param>
    /// <exception cref="InputException">It asks for what is not done here.</exception>
    public static PicturePreprocessing Read(ConfigurationFields fields)
    {
        double[] input = fields.Numbers("input_size") ?? throw new InputException($"{fields.Name} has no input_size.");
        if (input.Length != 3 || input[0] is not (1 or 3) || !input.Skip(1).All(IsSide))
            throw new InputException($"{fields.Name}: input_size is [{string.Join(", ", input)}], where [3, height, width] is wanted.");
        (int height, int width) = ((int)input[1], (int)input[2]);
        double percent = fields.Number("crop_pct") ?? 0.875;
        if (percent is <= 0 or > 1)
            throw new InputException($"{fields.Name}: crop_pct is {percent}, where more than 0, up to 1, is wanted.");
        (int scaledHeight, int scaledWidth) = (Scaled(height, percent), Scaled(width, percent));
        string mode = fields.Text("crop_mode") ?? "center";
        PictureSize size = mode switch
        {
            "squash" => PictureSize.Exact(scaledHeight, scaledWidth),
            "center" when height == width => PictureSize.ShorterEdge(scaledHeight),
            _ => throw new InputException($"{fields.Name}: crop_mode {mode} is not known for pictures of {width} × {height}."),
        };
        return new PicturePreprocessing
        {
            Size = size,
            Resampling = Resampling(fields),
            Crop = new PictureCrop(height, width),
            Grayscale = input[0] == 1,
            Mean = fields.Numbers("mean") ?? [0.485, 0.456, 0.406],
            Std = fields.Numbers("std") ?? [0.229, 0.224, 0.225],
            PassedOver = [.. fields.Left.Select(static f => f.Name)],
        };
    }

    private static bool IsSide(double side) => side is >= 1 and <= 65_535 && side == Math.Truncate(side);

    private static int Scaled(int side, double percent) => (int)Math.Min(int.MaxValue, Math.Floor(side / percent));

    private static PictureResampling Resampling(ConfigurationFields fields) => (fields.Text("interpolation") ?? "bicubic") switch
    {
        "nearest" => PictureResampling.Nearest,
        "bilinear" => PictureResampling.Bilinear,
        "bicubic" => PictureResampling.Bicubic,
        "box" => PictureResampling.Box,
        "hamming" => PictureResampling.Hamming,
        "lanczos" => PictureResampling.Lanczos,
        { } other => throw new InputException($"{fields.Name}: interpolation {other} is not known."),
    };
}
