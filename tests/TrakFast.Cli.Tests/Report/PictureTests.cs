using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Pictures;
using TrakFast.Kernels;

namespace TrakFast.Cli.Tests.Report;

public sealed class PictureTests
{
    private static readonly PixelRange Unit = new(0, 1);

    [TestCase("123456789", 0xCBF43926u)]
    [TestCase("IEND", 0xAE426082u)]
    [TestCase("", 0u)]
    public void CrcHasItsKnownValues(string text, uint expected) =>
        Assert.That(Crc32.Of(Encoding.ASCII.GetBytes(text)), Is.EqualTo(expected));

    [TestCase(1)]
    [TestCase(3)]
    public void PngDecodesToThePixelsItWasMadeFrom(int channels)
    {
        byte[] pixels = [.. Enumerable.Range(0, 5 * 4 * channels).Select(static i => (byte)(i * 37))];
        byte[] png = PngEncoder.Encode(new Picture(5, 4, channels, pixels));

        Dictionary<string, byte[]> chunks = Chunks(png);
        Assert.That(chunks.Keys, Is.EqualTo(new[] { "IHDR", "IDAT", "IEND" }));
        Assert.That(chunks["IHDR"], Is.EqualTo(new byte[] { 0, 0, 0, 5, 0, 0, 0, 4, 8, (byte)(channels == 1 ? 0 : 2), 0, 0, 0 }));

        using ZLibStream zlib = new(new MemoryStream(chunks["IDAT"]), CompressionMode.Decompress);
        using MemoryStream rows = new();
        zlib.CopyTo(rows);
        byte[] unfiltered = [.. rows.ToArray().Chunk(1 + (5 * channels)).SelectMany(static row => row.Skip(1))];
        Assert.That(unfiltered, Is.EqualTo(pixels));
    }

    [TestCase(new long[] { 2, 3 }, 3, 2, 1)]
    [TestCase(new long[] { 1, 2, 3 }, 3, 2, 1)]
    [TestCase(new long[] { 3, 2, 4 }, 4, 2, 3)]
    [TestCase(new long[] { 2, 4, 3 }, 4, 2, 3)]
    [TestCase(new long[] { 5, 4, 1 }, 4, 5, 1)]
    [TestCase(new long[] { 64 }, 8, 8, 1)]
    [TestCase(new long[] { 1, 64 }, 8, 8, 1)]
    [TestCase(new long[] { 192 }, 8, 8, 3)]
    public void ShapesOfPicturesAreRecognized(long[] shape, int width, int height, int channels)
    {
        Picture? picture = PictureReader.Read(DataArray.From(new float[Shapes.Count(shape)], shape), Unit);
        Assert.That((picture!.Width, picture.Height, picture.Channels), Is.EqualTo((width, height, channels)));
    }

    [TestCase(new long[] { 4 })]
    [TestCase(new long[] { 65 })]
    [TestCase(new long[] { 1, 10 })]
    [TestCase(new long[] { 2, 8, 8 })]
    [TestCase(new long[] { 1, 1, 8, 8 })]
    [TestCase(new long[] { })]
    public void OtherShapesAreNot(long[] shape) =>
        Assert.That(PictureReader.Read(DataArray.From(new float[Shapes.Count(shape)], shape), Unit), Is.Null);

    [Test]
    public void ChannelsFirstAndLastGiveTheSamePixels()
    {
        float[] last = [.. Enumerable.Range(0, 12).Select(static i => i / 11f)];
        float[] first = [.. Enumerable.Range(0, 3).SelectMany(c => Enumerable.Range(0, 4).Select(p => last[(p * 3) + c]))];
        Assert.That(
            PictureReader.Read(DataArray.From(first, 3, 2, 2), Unit)!.Pixels,
            Is.EqualTo(PictureReader.Read(DataArray.From(last, 2, 2, 3), Unit)!.Pixels));
    }

    [Test]
    public void TokenIdsAreTextWhateverTheirNumber() =>
        Assert.That(ExampleContent.Of(DataArray.From(Enumerable.Range(0, 64).ToArray(), 64), Unit), Is.EqualTo(
            new TextContent($"[{string.Join(", ", Enumerable.Range(0, 24))}, … 64 values]")));

    [Test]
    public void ShortVectorsAreTextInFull() =>
        Assert.That(
            ExampleContent.Of(DataArray.From([0.1234f, -3.4f, 1e-6f], 3), Unit), Is.EqualTo(new TextContent("[0.123, -3.4, 1E-06]")));

    [TestCase(new[] { 0f, 0.5f }, 0f, 1f)]
    [TestCase(new[] { 0f, 200f }, 0f, 255f)]
    [TestCase(new[] { 0f, 16f }, 0f, 16f)]
    [TestCase(new[] { -1f, 1f }, -1f, 1f)]
    [TestCase(new[] { 0f, 300f }, 0f, 300f)]
    public void BlackAndWhiteFollowTheDataSet(float[] values, float low, float high) =>
        Assert.That(PixelRange.Of(DataArray.From(values, 2, 1)), Is.EqualTo(new PixelRange(low, high)));

    [Test]
    public void ARangeWithoutWidthIsBlack() =>
        Assert.That(new PixelRange(3, 3).ToByte(3), Is.Zero);

    [Test]
    public void ValuesThatAreNotFiniteHaveNoRange() =>
        Assert.That(() => PixelRange.Of(DataArray.From([1f, float.NaN], 2, 1)), Throws.InstanceOf<TrakException>());

    [Test]
    public void TruthValuesAreBlackAndWhite()
    {
        DataArray masks = DataArray.From([true, false, true, false], 1, 2, 2);
        Assert.That(
            ((PictureContent)ExampleContent.OfRow(masks, 0, PixelRange.Of(masks))).Picture.Pixels,
            Is.EqualTo(new byte[] { 255, 0, 255, 0 }));
    }

    [Test]
    public void LargePicturesAreAveragedDown()
    {
        byte[] pixels = [.. Enumerable.Range(0, 16).Select(static i => (byte)(i % 2 == 0 ? 10 : 20))];
        Picture small = new Picture(4, 4, 1, pixels).Shrink(2);
        Assert.That((small.Width, small.Height), Is.EqualTo((2, 2)));
        Assert.That(small.Pixels, Is.All.EqualTo(15));
    }

    [Test]
    public void BytesKeepTheirValues()
    {
        DataArray image = new(ElementType.UInt8, [2, 2], new byte[] { 0, 1, 128, 255 });
        Assert.That(PictureReader.Read(image, new PixelRange(0, 255))!.Pixels, Is.EqualTo(new byte[] { 0, 1, 128, 255 }));
    }

    private static Dictionary<string, byte[]> Chunks(byte[] png)
    {
        Assert.That(png[..8], Is.EqualTo(new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A }));
        Dictionary<string, byte[]> chunks = [];
        for (int at = 8; at < png.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            Assert.That(
                BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at + 8 + length)), Is.EqualTo(Crc32.Of(png.AsSpan(at + 4, 4 + length))));
            chunks.Add(Encoding.ASCII.GetString(png, at + 4, 4), png[(at + 8)..(at + 8 + length)]);
            at += 12 + length;
        }

        return chunks;
    }
}
