using System.Text.Json;

namespace TrakFast.Datasets.Tests;

/// <summary>Resized and cropped pixels against PIL's and torchvision's.</summary>
internal sealed class PictureResizerTests
{
    private static readonly (int From, int To)[] Sides = [(1, 1), (1, 5), (7, 3), (8, 8), (13, 29), (31, 16), (64, 9), (33, 32)];

    public static IEnumerable<TestCaseData> Resized => Cases("resized");

    public static IEnumerable<TestCaseData> Cropped => Cases("cropped");

    [TestCaseSource(nameof(Resized))]
    public void ResizedPixelsEqualThoseOfPil(JsonElement how)
    {
        PicturePreprocessing preprocessing = new()
        {
            Size = PictureSize.Exact(how.GetProperty("size")[0].GetInt32(), how.GetProperty("size")[1].GetInt32()),
            Resampling = (PictureResampling)how.GetProperty("resample").GetInt32(),
        };
        Compare(preprocessing, how, "resized", "");
    }

    [TestCaseSource(nameof(Cropped))]
    public void CropsEqualThoseOfTorchvisionAndTransformers(JsonElement how)
    {
        foreach (CropRounding rounding in Enum.GetValues<CropRounding>())
        {
            int[] crop = [.. how.GetProperty("crop").EnumerateArray().Select(static c => c.GetInt32())];
            PicturePreprocessing preprocessing = new()
            {
                Size = Whole(how, "edge") is { } edge ? PictureSize.ShorterEdge(edge, Whole(how, "longest")) : null,
                Crop = new PictureCrop(crop[0], crop[1], rounding),
            };
            Compare(preprocessing, how, "cropped", $".{rounding.ToString().ToLowerInvariant()}");
        }
    }

    [Test]
    public void VectorizedAndPlainPassesGiveTheSameBytes([Values] PictureResampling resampling, [Values(1, 3)] int channels)
    {
        Random random = new(5);
        foreach ((int width, int newWidth) in Sides)
        {
            foreach ((int height, int newHeight) in Sides)
            {
                byte[] source = new byte[width * height * channels];
                for (int i = 0; i < source.Length; i++)
                    source[i] = (byte)(random.Next(3) switch { 0 => 0, 1 => 255, _ => random.Next(256) });
                byte[] plain = new byte[newWidth * newHeight * channels], vectorized = new byte[plain.Length];
                PictureResizer.Resize(source, width, height, channels, plain, newWidth, newHeight, resampling, vectorized: false);
                PictureResizer.Resize(source, width, height, channels, vectorized, newWidth, newHeight, resampling);
                Assert.That(vectorized, Is.EqualTo(plain), $"{width} × {height} to {newWidth} × {newHeight}");
            }
        }
    }

    [Test]
    public void ValuesAreRescaledAndNormalizedByChannel()
    {
        Picture picture = new(2, 1, [0, 51, 255, 102, 204, 153]);
        PicturePreprocessing preprocessing = new() { Mean = [0.5, 0.25, 0.125], Std = [0.5, 0.25, 2] };
        float[] values = new float[6];
        preprocessing.Apply(picture, values);
        Assert.That(values, Is.EqualTo((float[])[-1, -0.2f, -0.2f, 2.2f, 0.4375f, 0.2375f]).Within(1e-6));
        (preprocessing with { Layout = PictureLayout.ChannelsLast, BlueFirst = true }).Apply(picture, values);
        Assert.That(values, Is.EqualTo((float[])[1, -0.2f, -0.0625f, 0.2f, 2.2f, 0.1375f]).Within(1e-6));
        float[] gray = new float[2];
        (new PicturePreprocessing { Grayscale = true, RescaleFactor = 1 }).Apply(picture, gray);
        Assert.That(gray, Is.EqualTo((float[])[59, 168]), "PIL's convert(\"L\")");
    }

    [Test]
    public void ShapesAreKnownBeforehandWhereTheyDoNotDependOnThePicture()
    {
        Picture picture = new(4, 2, new byte[24]);
        PicturePreprocessing none = new(), edge = new() { Size = PictureSize.ShorterEdge(3) };
        Assert.That(none.Shape, Is.Null);
        Assert.That(none.ShapeOf(picture), Is.EqualTo((long[])[3, 2, 4]));
        Assert.That(edge.Shape, Is.Null);
        Assert.That(edge.ShapeOf(picture), Is.EqualTo((long[])[3, 3, 6]));
        Assert.That((edge with { Crop = new(5, 6), Grayscale = true }).Shape, Is.EqualTo((long[])[1, 5, 6]));
        Assert.That((new PicturePreprocessing { Size = PictureSize.Exact(8, 9) }).Shape, Is.EqualTo((long[])[3, 8, 9]));
        Assert.That(() => none.Apply(picture, new float[23]), Throws.TypeOf<InputException>().With.Message.Contains("23 values"));
    }

    [Test]
    public void SizesOutOfRangeAreRefused()
    {
        Assert.That(() => PictureSize.ShorterEdge(0), Throws.TypeOf<InputException>());
        Assert.That(() => PictureSize.Exact(1, 70_000), Throws.TypeOf<InputException>());
        Assert.That(() => PictureSize.ShorterEdge(60_000).Of(1, 1000), Throws.TypeOf<InputException>().With.Message.Contains("60000"));
        Assert.That(() => PictureSize.LongerEdge(4).Of(1, 1000), Throws.TypeOf<InputException>().With.Message.Contains("4 × 0"));
        Assert.That(() => new PicturePreprocessing { Crop = new(0, 3) }, Throws.TypeOf<InputException>());
        Assert.That(() => new PicturePreprocessing { Std = [1, 0, 1] }, Throws.TypeOf<InputException>());
        Assert.That(() => new PicturePreprocessing { Mean = [1, 2] }, Throws.TypeOf<InputException>());
    }

    private static void Compare(PicturePreprocessing preprocessing, JsonElement how, string folder, string end)
    {
        string path = Path.Combine(PictureFixtures.Folder, "resized", $"{how.GetProperty("source").GetString()}.png");
        Picture picture = PictureDecoder.Read(path);
        (int height, int width, byte[] pixels) = PictureFixtures.Expected(
            Path.Combine(PictureFixtures.Folder, folder, $"{how.GetProperty("name").GetString()}{end}.npy"));
        Assert.That(preprocessing.ShapeOf(picture), Is.EqualTo((long[])[3, height, width]));
        Assert.That(PictureFixtures.Bytes(preprocessing, picture), Is.EqualTo(pixels));
    }

    private static int? Whole(JsonElement how, string field) =>
        how.GetProperty(field) is { ValueKind: JsonValueKind.Number } value ? value.GetInt32() : null;

    private static IEnumerable<TestCaseData> Cases(string folder)
    {
        using JsonDocument cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(PictureFixtures.Folder, folder, "cases.json")));
        foreach (JsonElement how in cases.RootElement.EnumerateArray())
            yield return new TestCaseData(how.Clone()).SetArgDisplayNames(how.GetProperty("name").GetString()!);
    }
}
