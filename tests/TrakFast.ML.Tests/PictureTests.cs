using Microsoft.ML;
using Microsoft.ML.Data;
using TrakFast.Datasets;
using TrakFast.ML.Tests.Support;

namespace TrakFast.ML.Tests;

public sealed class PictureTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestCase("1.bmp")]
    [TestCase("grey.png")]
    [TestCase("rgb.png")]
    [TestCase("lossless.webp")]
    public void APictureThatMlNetLoadedHasThePixelsOfItsFile(string file)
    {
        IDataView view = Loaded(Path.Combine(FixtureFolder.Path, "pictures", "decoded"), [file]);
        using DataViewSource source = new(view);
        Picture picture = (Picture)source.Read(0, "image")[0]!;
        DataArray expected = NpyFile.Read(Path.Combine(FixtureFolder.Path, "pictures", "decoded", $"{file}.npy"));
        Assert.That(new long[] { picture.Height, picture.Width, 3 }, Is.EqualTo(expected.Shape));
        Assert.That(picture.Pixels.ToArray(), Is.EqualTo(expected.Bytes.ToArray()));
    }

    [Test]
    public void RedIsFirstInEitherOrderOfPixels([Values] bool isBgra)
    {
        byte[] pixels = isBgra ? [30, 20, 10, 255, 60, 50, 40, 255] : [10, 20, 30, 255, 40, 50, 60, 255];
        using MLImage image = MLImage.CreateFromPixels(2, 1, isBgra ? MLPixelFormat.Bgra32 : MLPixelFormat.Rgba32, pixels);
        using DataViewSource source = new(_ml.Data.LoadFromEnumerable([new Shown { Image = image }, new Shown { Image = image }]));
        for (int row = 0; row < 2; row++)
        {
            Picture picture = (Picture)source.Read(row, "Image")[0]!;
            Assert.That((picture.Width, picture.Height), Is.EqualTo((2, 1)));
            Assert.That(picture.Pixels.ToArray(), Is.EqualTo(new byte[] { 10, 20, 30, 40, 50, 60 }));
        }

        Assert.That(image.Pixels.Length, Is.EqualTo(8), "the picture is its owner's still");
    }

    [Test]
    public void AMissingFileIsTheRowsSentence()
    {
        using DataViewSource source = new(Loaded(Samples.Path("digits/train/zero"), ["000.png", "nobody.png", "001.png"]));
        Assert.That(() => source.Read(1, "image"), Throws.TypeOf<InputException>().With.Message.StartsWith("the data view, row 1 "));
        Assert.That(source.Read(2, "image")[0], Is.InstanceOf<Picture>());
    }

    [Test]
    public void PicturesOfAViewAreTheArraysOfTheirFolder()
    {
        string folder = Samples.Path("digits/target");
        using RowSource files = DataSource.Open(folder);
        string[] names = [.. Enumerable.Range(0, (int)files.Count).Select(i =>
            Path.GetRelativePath(folder, ((PictureFile)files.Read(i, "image")[0]!).Path))];
        ModelInput[] inputs = [new("image", Kernels.ElementType.Float32, [null, 1, 8, 8])];
        DataViewSource rows = new(Loaded(folder, names));
        using SourceDataset loaded = new(rows, ExamplePlan.Make(inputs, LabelKind.None, rows, null, new DataOptions()).Fields);
        using SourceDataset own = new(files, ExamplePlan.Make(inputs, LabelKind.None, files, null, new DataOptions()).Fields);
        Assert.That(loaded.Count, Is.EqualTo(20));
        Assert.That(loaded.Read(0, 20)["image"].Bytes.ToArray(), Is.EqualTo(own.Read(0, 20)["image"].Bytes.ToArray()));
        Assert.That(rows.Fingerprint(), Has.Length.EqualTo(16), "pixels are hashed");
    }

    private IDataView Loaded(string folder, string[] files)
    {
        IDataView view = _ml.Data.LoadFromEnumerable(files.Select(static f => new Named { File = f }).ToList());
        return _ml.Transforms.LoadImages("image", folder, nameof(Named.File)).Fit(view).Transform(view);
    }

    private sealed class Named
    {
        public string File { get; set; } = string.Empty;
    }

    private sealed class Shown
    {
        [Microsoft.ML.Transforms.Image.ImageType(1, 2)]
        public MLImage Image { get; set; } = null!;
    }
}
