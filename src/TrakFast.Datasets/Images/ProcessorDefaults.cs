namespace TrakFast.Datasets;

/// <summary>How a processor's size, where it is one number or its <c>shortest_edge</c>, becomes a resize.</summary>
internal enum ProcessorSizing
{
    /// <summary>As the dictionary says; one number is a square.</summary>
    Square,

    /// <summary>As the dictionary says; one number is the shorter edge.</summary>
    ShorterEdge,

    /// <summary>ConvNeXT's: below 384 the shorter edge is size / crop_pct and the middle is cut out, else a square.</summary>
    ConvNext,

    /// <summary>LeViT's: the shorter edge is 256 / 224 of the size.</summary>
    Levit,

    /// <summary>PoolFormer's: the size is divided by crop_pct.</summary>
    PoolFormer,
}

/// <summary>What a processor of transformers does where its file is silent.</summary>
/// <param name="Sizing">What its size means.</param>
/// <param name="Resampling">How it resamples.</param>
/// <param name="Crop">The side of the square it cuts out; null where it cuts only when told to.</param>
/// <param name="Size">Its size.</param>
/// <param name="Normalizes">Whether it normalizes.</param>
internal sealed record ProcessorDefaults(
    ProcessorSizing Sizing, PictureResampling Resampling, int? Crop, int Size, bool Normalizes = true)
{
    private static readonly Dictionary<string, ProcessorDefaults> Known = new(StringComparer.Ordinal)
    {
        ["Beit"] = new(ProcessorSizing.Square, PictureResampling.Bicubic, 224, 256),
        ["Bit"] = new(ProcessorSizing.ShorterEdge, PictureResampling.Bicubic, 224, 224),
        ["Blip"] = new(ProcessorSizing.Square, PictureResampling.Bicubic, null, 384),
        ["CLIP"] = new(ProcessorSizing.ShorterEdge, PictureResampling.Bicubic, 224, 224),
        ["ChineseCLIP"] = new(ProcessorSizing.ShorterEdge, PictureResampling.Bicubic, 224, 224),
        ["ConvNext"] = new(ProcessorSizing.ConvNext, PictureResampling.Bilinear, null, 384),
        ["DeiT"] = new(ProcessorSizing.Square, PictureResampling.Bicubic, 224, 256),
        ["EfficientNet"] = new(ProcessorSizing.Square, PictureResampling.Nearest, null, 346),
        ["Levit"] = new(ProcessorSizing.Levit, PictureResampling.Bicubic, 224, 224),
        ["MobileNetV1"] = new(ProcessorSizing.ShorterEdge, PictureResampling.Bilinear, 224, 256),
        ["MobileNetV2"] = new(ProcessorSizing.ShorterEdge, PictureResampling.Bilinear, 224, 256),
        ["MobileViT"] = new(ProcessorSizing.ShorterEdge, PictureResampling.Bilinear, 256, 224, Normalizes: false),
        ["PoolFormer"] = new(ProcessorSizing.PoolFormer, PictureResampling.Bicubic, 224, 224),
        ["Segformer"] = new(ProcessorSizing.Square, PictureResampling.Bilinear, null, 512),
        ["Siglip"] = new(ProcessorSizing.Square, PictureResampling.Bicubic, null, 224),
        ["ViT"] = new(ProcessorSizing.Square, PictureResampling.Bilinear, null, 224),
    };

    /// <summary>The type's name without what all of them end in.</summary>
    /// <param name="type">As <c>image_processor_type</c> or <c>feature_extractor_type</c> gives it.</param>
    public static string Family(string type)
    {
        foreach (string end in (string[])["Fast", "ImageProcessor", "FeatureExtractor"])
            if (type.EndsWith(end, StringComparison.Ordinal)) type = type[..^end.Length];
        return type;
    }

    /// <summary>What is known of a type; null where nothing is.</summary>
    /// <param name="family">The name that <see cref="Family"/> gives.</param>
    public static ProcessorDefaults? Of(string family) => Known.GetValueOrDefault(family);
}
