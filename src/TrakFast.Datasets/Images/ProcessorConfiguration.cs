using System.Text.Json;

namespace TrakFast.Datasets;

/// <summary>Reads Hugging Face's <c>preprocessor_config.json</c>.</summary>
internal static class ProcessorConfiguration
{
    // Steps that change pixels, or sizes, and are not done here; any other field named do_… is taken for one too.
    private static readonly HashSet<string> Refused = new(StringComparer.Ordinal)
    {
        "keep_aspect_ratio", "ensure_multiple_of", "size_divisor", "size_divisibility", "pad_size", "pad_size_divisor", "clusters",
        "image_grid_pinpoints", "min_pixels", "max_pixels", "max_image_size", "max_image_tiles", "max_patches", "min_patches",
        "image_seq_length", "offset", "crop_mode", "random_padding", "size_divisor_pad",
    };

    // They say who pads, reduces labels or converts, which a picture decoded as RGB has no use for.
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal) { "do_convert_rgb", "do_reduce_labels" };

    /// <summary>Reads it.</summary>
    /// <param name="fields">The file.</param>
    /// <exception cref="InputException">It asks for what is not done here.</exception>
    public static PicturePreprocessing Read(ConfigurationFields fields)
    {
        string? type = fields.Text("image_processor_type") ?? fields.Text("feature_extractor_type");
        fields.Value("feature_extractor_type");
        string family = type is null ? "" : ProcessorDefaults.Family(type);
        ProcessorDefaults? known = ProcessorDefaults.Of(family);
        if (fields.Value("size") is null && fields.Value("image_mean") is null && fields.Value("do_resize") is null && known is null)
            throw new InputException($"{fields.Name} is no preprocessor_config.json: it has neither size nor image_mean nor do_resize.");
        (PictureSize? size, PictureCrop? crop) = ProcessorSizes.Read(fields, family, known);
        bool normalizes = fields.Flag("do_normalize", known?.Normalizes ?? fields.Value("image_mean") is not null);
        (double factor, double offset) = Rescale(fields, family);
        (double[] mean, double[] std) = Normalization(fields, normalizes, family);
        PicturePreprocessing read = new()
        {
            Size = size,
            Resampling = Resampling(fields, known, size is not null),
            Crop = crop,
            Grayscale = fields.Flag("do_grayscale", false),
            BlueFirst = fields.Flag("do_flip_channel_order", family == "MobileViT"),
            RescaleFactor = factor,
            RescaleOffset = offset,
            Mean = mean,
            Std = std,
            Layout = Layout(fields),
        };
        return read with { PassedOver = PassedOver(fields) };
    }

    private static (double Factor, double Offset) Rescale(ConfigurationFields fields, string family)
    {
        bool rescales = fields.Flag("do_rescale", true);
        double factor = fields.Number("rescale_factor") ?? 1 / 255.0;

        // EfficientNet's goes from -1 to 1 with a factor of 1 / 127.5.
        bool offset = fields.Flag("rescale_offset", false);
        if (offset && family is not "EfficientNet")
            throw new InputException($"{fields.Name}: rescale_offset is known of EfficientNetImageProcessor alone.");
        return rescales ? (factor, offset ? -1 : 0) : (1, 0);
    }

    private static (double[] Mean, double[] Std) Normalization(ConfigurationFields fields, bool normalizes, string family)
    {
        double[]? mean = fields.Numbers("image_mean"), std = fields.Numbers("image_std");
        bool again = fields.Flag("include_top", family == "EfficientNet") && family == "EfficientNet";
        if (!normalizes && !again) return ([], []);
        if (std is null || (normalizes && mean is null))
            throw new InputException($"{fields.Name} has no image_mean or no image_std, though do_normalize asks for them.");

        // With its top, EfficientNet divides by the deviation once more.
        double[] once = normalizes ? std : [1];
        return (normalizes ? mean! : [], again ? [.. std.Select((s, c) => s * once[Math.Min(c, once.Length - 1)])] : std);
    }

    private static PictureResampling Resampling(ConfigurationFields fields, ProcessorDefaults? known, bool resizes)
    {
        if (fields.Whole("resample") is { } number)
        {
            return Enum.IsDefined((PictureResampling)number)
                ? (PictureResampling)number
                : throw new InputException($"{fields.Name}: resample is {number}, where PIL's filters are 0 to 5.");
        }

        if (known is not null) return known.Resampling;
        return resizes
            ? throw new InputException($"{fields.Name} does not say resample, and what its image_processor_type does then is not known.")
            : PictureResampling.Bilinear;
    }

    private static PictureLayout Layout(ConfigurationFields fields) => fields.Text("data_format") switch
    {
        null or "channels_first" => PictureLayout.ChannelsFirst,
        "channels_last" => PictureLayout.ChannelsLast,
        { } other => throw new InputException($"{fields.Name}: data_format is {other}, where channels_first or channels_last is wanted."),
    };

    private static string[] PassedOver(ConfigurationFields fields)
    {
        List<string> passed = [];
        foreach ((string field, JsonElement value) in fields.Left)
        {
            bool asks = value.ValueKind != JsonValueKind.False && !Harmless.Contains(field);
            if (asks && (Refused.Contains(field) || field.StartsWith("do_", StringComparison.Ordinal)))
            {
                throw new InputException(
                    $"{fields.Name}: {field} is {ConfigurationFields.Short(value)}, which changes what the model sees and is not done "
                    + "here.");
            }

            passed.Add(field);
        }

        return [.. passed];
    }
}
