using System.Text;

namespace TrakFast.Datasets.Tests;

/// <summary>What Hugging Face's and timm's files make of a picture.</summary>
internal sealed class PicturePreprocessingFileTests
{
    private const string Normal = "\"image_mean\": [0.5, 0.5, 0.5], \"image_std\": [0.5, 0.5, 0.5]";

    [TestCase("ViTFeatureExtractor", "\"size\": 32, \"resample\": 2", 32, 32, null)]
    [TestCase("ViTImageProcessorFast", "\"size\": {\"height\": 32, \"width\": 16}", 32, 16, null)]
    [TestCase("CLIPFeatureExtractor", "\"size\": 30, \"crop_size\": 28", 30, 60, 28)]
    [TestCase("CLIPImageProcessor", "\"size\": {\"shortest_edge\": 30}, \"crop_size\": {\"height\": 28, \"width\": 28}", 30, 60, 28)]
    [TestCase("CLIPImageProcessor", "\"size\": 30, \"do_center_crop\": false", 30, 60, null)]
    [TestCase("DeiTFeatureExtractor", "\"size\": 256, \"resample\": 3", 256, 256, 224)]
    [TestCase("LevitFeatureExtractor", "\"size\": 224", 256, 512, 224)]
    [TestCase("ConvNextFeatureExtractor", "\"size\": 224, \"crop_pct\": 0.875", 256, 512, 224)]
    [TestCase("ConvNextImageProcessor", "\"size\": {\"shortest_edge\": 384}", 384, 384, null)]
    [TestCase("PoolFormerImageProcessor", "\"size\": {\"shortest_edge\": 224}, \"crop_pct\": 0.9", 248, 496, 224)]
    [TestCase("SomethingImageProcessor", "\"size\": {\"longest_edge\": 100}, \"resample\": 2", 50, 100, null)]
    public void SizesMeanWhatTheProcessorMakesOfThem(string type, string size, int height, int width, int? crop)
    {
        PicturePreprocessing read = Read($"{{\"image_processor_type\": \"{type}\", {size}, {Normal}}}");
        Assert.That(read.Size!.Of(20, 40), Is.EqualTo((height, width)));
        Assert.That(read.Crop, Is.EqualTo(crop is { } side ? new PictureCrop(side, side, CropRounding.Transformers) : null));
        Assert.That(read.Mean, Is.EqualTo((double[])[0.5, 0.5, 0.5]));
    }

    [TestCase("ViTImageProcessor", PictureResampling.Bilinear)]
    [TestCase("CLIPImageProcessor", PictureResampling.Bicubic)]
    [TestCase("EfficientNetImageProcessor", PictureResampling.Nearest)]
    public void ResamplingThatIsNotSaidIsTheProcessors(string type, PictureResampling resampling) =>
        Assert.That(Read($"{{\"image_processor_type\": \"{type}\", {Normal}}}").Resampling, Is.EqualTo(resampling));

    [Test]
    public void EfficientNetsValuesGoFromMinusOneAndAreDividedTwice()
    {
        PicturePreprocessing read = Read(
            "{\"image_processor_type\": \"EfficientNetImageProcessor\", \"size\": {\"height\": 1, \"width\": 1}, "
            + "\"rescale_factor\": 0.00784313725490196, \"rescale_offset\": true, \"include_top\": true, "
            + "\"do_normalize\": true, \"image_mean\": 0.25, \"image_std\": [0.5, 0.25, 2]}");
        float[] values = new float[3];
        read.Apply(new Picture(1, 1, [0, 255, 51]), values);
        Assert.That(values, Is.EqualTo((float[])[-5, 12, -0.2125f]).Within(1e-5));
    }

    [Test]
    public void WhatChangesNoPixelsIsPassedOverAndListed() => Assert.That(
        Read($"{{\"image_processor_type\": \"ViTImageProcessor\", {Normal}, \"do_convert_rgb\": true, \"processor_class\": \"X\", "
            + "\"do_pad\": false, \"size_divisor\": null}").PassedOver,
        Is.EqualTo((string[])["do_convert_rgb", "processor_class", "do_pad"]));

    [TestCase("\"do_pad\": true", "do_pad is true")]
    [TestCase("\"size_divisor\": 32", "size_divisor is 32")]
    [TestCase("\"do_dream\": {}", "do_dream is {}")]
    [TestCase("\"resample\": 9", "resample is 9")]
    [TestCase("\"size\": \"large\"", "size is \"large\"")]
    [TestCase("\"size\": {\"depth\": 3}", "depth")]
    [TestCase("\"size\": {\"height\": 3}", "combination")]
    [TestCase("\"size\": {\"shortest_edge\": 3, \"longest_edge\": 4}", "combination")]
    [TestCase("\"size\": 0", "cannot be 0")]
    [TestCase("\"size\": 1e300", "whole number")]
    [TestCase("\"do_center_crop\": true", "crop_size")]
    [TestCase("\"do_center_crop\": true, \"crop_size\": 0", "crop of 0")]
    [TestCase("\"crop_pct\": 0.9", "crop_pct")]
    [TestCase("\"rescale_offset\": true", "rescale_offset")]
    [TestCase("\"do_resize\": 3", "do_resize is 3")]
    [TestCase("\"image_std\": [1, 0, 1]", "standard deviation")]
    [TestCase("\"image_std\": null", "image_std")]
    [TestCase("\"data_format\": \"none\"", "data_format is none")]
    public void WhatIsNotUnderstoodIsRefusedByItsName(string field, string part) => Assert.That(
        () => Read($"{{\"image_processor_type\": \"ViTImageProcessor\", {Normal}, {field}}}"),
        Throws.TypeOf<InputException>().With.Message.Contains(part).And.Message.StartsWith("p.json"));

    [TestCase("{\"size\": 224, \"resample\": 2}", "whether")]
    [TestCase("{\"size\": {\"height\": 3, \"width\": 3}}", "resample")]
    [TestCase("{\"do_resize\": true, \"resample\": 2}", "no size")]
    [TestCase("{\"size\": {\"height\": 3, \"width\": 3}, \"resample\": 2, \"crop_size\": 3}", "do_center_crop")]
    [TestCase("{\"architectures\": []}", "no preprocessor_config.json")]
    [TestCase("[]", "no JSON object")]
    [TestCase("{", "cannot be read as JSON")]
    [TestCase("", "cannot be read as JSON")]
    [TestCase("{\"pretrained_cfg\": {\"input_size\": [3, 4]}}", "input_size")]
    [TestCase("{\"pretrained_cfg\": {\"input_size\": [3, 4, 4], \"crop_mode\": \"border\"}}", "border")]
    public void WhatAnUnknownProcessorWouldDoIsNotGuessed(string json, string part) => Assert.That(
        () => Read(json), Throws.TypeOf<InputException>().With.Message.Contains(part).And.Message.StartsWith("p.json"));

    [Test]
    public void TimmsConfigurationIsItsTransformForEvaluation()
    {
        PicturePreprocessing read = Read(
            "{\"architecture\": \"resnet18\", \"pretrained_cfg\": {\"input_size\": [3, 224, 224], \"interpolation\": \"bicubic\", "
            + "\"crop_pct\": 0.95, \"crop_mode\": \"center\", \"mean\": [0.1, 0.2, 0.3], \"std\": [1, 2, 3], \"tag\": \"a1\"}}");
        Assert.That(read.Size!.Of(20, 40), Is.EqualTo((235, 470)));
        Assert.That(read.Crop, Is.EqualTo(new PictureCrop(224, 224)));
        Assert.That(read.Resampling, Is.EqualTo(PictureResampling.Bicubic));
        Assert.That(read.Std, Is.EqualTo((double[])[1, 2, 3]));
        Assert.That(read.PassedOver, Is.EqualTo((string[])["tag"]));
    }

    [Test]
    public void AMissingFileIsSaid() => Assert.That(
        () => PicturePreprocessing.FromJson("none/preprocessor_config.json"),
        Throws.InstanceOf<TrakException>().With.Message.Contains("its directory does not exist"));

    private static PicturePreprocessing Read(string json) => PicturePreprocessing.FromJson(Encoding.UTF8.GetBytes(json), "p.json");
}
