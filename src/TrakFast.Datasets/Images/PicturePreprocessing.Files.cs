using System.Text.Json;

namespace TrakFast.Datasets;

/// <content>Reads what models come with.</content>
public sealed partial record PicturePreprocessing
{
    private const long LargestFile = 16 << 20;

    /// <summary>
    /// Reads Hugging Face's <c>preprocessor_config.json</c>, or timm's <c>config.json</c> with its <c>pretrained_cfg</c>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <remarks>
    /// What transformers' image processors do where the file is silent depends on their type, which is known of BEiT, BiT, BLIP,
    /// CLIP, ConvNeXT, DeiT, EfficientNet, LeViT, MobileNet, MobileViT, PoolFormer, SegFormer, SigLIP and ViT; of others the
    /// file must say all. Processors called Fast resize in PyTorch and differ by rounding; here all resize as PIL does. What
    /// changes no pixels is listed in <see cref="PassedOver"/>.
    /// </remarks>
    /// <exception cref="InputException">
    /// The file cannot be read, is no such file, or asks for something that changes pixels and is not done here.
    /// </exception>
    public static PicturePreprocessing FromJson(string path) => FromJson(WholeFile.Read(path, LargestFile), path);

    /// <summary>Reads the file's bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="name">What errors call them.</param>
    /// <exception cref="InputException">As <see cref="FromJson(string)"/>.</exception>
    internal static PicturePreprocessing FromJson(ReadOnlyMemory<byte> bytes, string name)
    {
        if (bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new InputException($"{name} holds no JSON object.");
            ConfigurationFields fields = new(document.RootElement, name);
            return fields.Object("pretrained_cfg") is { } timm ? TimmConfiguration.Read(timm) : ProcessorConfiguration.Read(fields);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InputException($"{name} cannot be read as JSON: {e.Message.TrimEnd('.')}.", e);
        }
        catch (InputException e) when (!e.Message.StartsWith(name, StringComparison.Ordinal))
        {
            throw new InputException($"{name}: {e.Message}", e);
        }
    }
}
