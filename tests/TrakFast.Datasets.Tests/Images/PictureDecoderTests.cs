using System.Buffers.Binary;

namespace TrakFast.Datasets.Tests;

/// <summary>Decoded pixels against PIL's.</summary>
internal sealed class PictureDecoderTests
{
    [TestCaseSource(typeof(PictureFixtures), nameof(PictureFixtures.Decoded))]
    public void PixelsEqualThoseOfPil(string name)
    {
        Picture picture = PictureDecoder.Read(PictureFixtures.PathOf(name));
        (int height, int width, byte[] pixels) = PictureFixtures.Expected(PictureFixtures.PathOf(name) + ".npy");
        Assert.That((picture.Height, picture.Width), Is.EqualTo((height, width)));
        int[] differences = [.. pixels.Select((p, i) => Math.Abs(p - picture.Pixels[i]))];
        TestContext.Out.WriteLine($"{differences.Count(static d => d > 0)} of {pixels.Length} differ, by {differences.Max()} at most");

        // Another build of libjpeg-turbo may round one step otherwise; nothing else has that liberty.
        int step = name.EndsWith(".jpg", StringComparison.Ordinal) ? 1 : 0;
        Assert.That(differences.Max(), Is.LessThanOrEqualTo(step));
        Assert.That(differences.Count(static d => d > 0), Is.LessThanOrEqualTo(pixels.Length / 100));
    }

    [Test]
    public void OrientationIsLeftAsStoredOnRequest()
    {
        Picture stored = PictureDecoder.Read(PictureFixtures.PathOf("turned6.jpg"), upright: false);
        Picture first = PictureDecoder.Read(PictureFixtures.PathOf("turned1.jpg"));
        Assert.That((stored.Width, stored.Height), Is.EqualTo((13, 21)));
        Assert.That(stored.Pixels.SequenceEqual(first.Pixels), Is.True);
    }

    [TestCase("grey.jpg", true)]
    [TestCase("grey16.png", true)]
    [TestCase("la.png", true)]
    [TestCase("rgb420.jpg", false)]
    [TestCase("palette4.png", false)]
    [TestCase("cmyk.jpg", false)]
    public void OneChannelIsToldFromThree(string name, bool gray) =>
        Assert.That(PictureDecoder.Read(PictureFixtures.PathOf(name)).IsGray, Is.EqualTo(gray));

    [TestCase("rgb420.jpg")]
    [TestCase("progressive444.jpg")]
    [TestCase("rgb.png")]
    [TestCase("interlaced.png")]
    [TestCase("still.gif")]
    [TestCase("rgb.bmp")]
    [TestCase("lossy.webp")]
    [TestCase("lossless.webp")]
    public void AFileCutShortIsRefusedByItsName(string name)
    {
        byte[] bytes = File.ReadAllBytes(PictureFixtures.PathOf(name));
        foreach (int length in (int[])[0, 1, 5, 12, 30, bytes.Length / 2, bytes.Length * 3 / 4])
        {
            Assert.That(
                () => PictureDecoder.Decode(bytes.AsSpan(0, length), $"cut/{name}"),
                Throws.InstanceOf<TrakException>().With.Message.Contains($"cut/{name}"), $"{length} of {bytes.Length} bytes");
        }
    }

    [Test]
    public void SidesThatTheFileCannotHoldAreRefusedBeforeMemoryIsTaken()
    {
        byte[] bytes = File.ReadAllBytes(PictureFixtures.PathOf("rgb.png"));
        Assert.That(Refusal(13_000, 13_000), Does.Contain("cannot hold"));
        Assert.That(Refusal(14_000, 14_000), Does.Contain("more than the 178956970 allowed"));

        string Refusal(int width, int height)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), width);
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(20), height);
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(29), Crc(bytes.AsSpan(12, 17)));
            long before = GC.GetAllocatedBytesForCurrentThread();
            string message = Assert.Throws<InputException>(() => PictureDecoder.Decode(bytes, "large.png"))!.Message;
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
            return message;
        }
    }

    [Test]
    public void ACanvasThatAnAnimatedWebPCannotFillIsRefused()
    {
        byte[] bytes = File.ReadAllBytes(PictureFixtures.PathOf("moving.webp"));
        Assert.That(bytes.AsSpan(12, 4).SequenceEqual("VP8X"u8), Is.True);
        for (int at = 24; at < 30; at += 3) (bytes[at], bytes[at + 1], bytes[at + 2]) = (0xFF, 0x32, 0);
        Assert.That(
            () => PictureDecoder.Decode(bytes, "canvas.webp"),
            Throws.InstanceOf<TrakException>().With.Message.Contains("13056 × 13056 pixels, which its"));
    }

    [Test]
    public void FilesThatAreNotThereOrNoPicturesAreSaid()
    {
        string folder = PictureFixtures.Folder;
        Assert.That(() => PictureDecoder.Read(Path.Combine(folder, "none.png")), Refused("none.png cannot be read: there is no such file"));
        Assert.That(() => PictureDecoder.Read(folder), Refused("it is a directory"));
        Assert.That(
            () => PictureDecoder.Read(Path.Combine(folder, "resized", "cases.json")), Refused("cases.json is no picture"));
        Assert.That(() => PictureDecoder.Read(Path.Combine(folder, "no", "such.png")), Refused("its directory does not exist"));

        static NUnit.Framework.Constraints.IResolveConstraint Refused(string part) =>
            Throws.InstanceOf<TrakException>().With.Message.Contains(part);
    }

    [Test]
    public void AMissingNativeLibraryIsSaidWithTheFormat() => Assert.That(
        () => SkiaLibrary.Use<int>(
            static () => throw new TypeInitializationException(
                "SkiaSharp.SKObject", new DllNotFoundException("libSkiaSharp is not there.")),
            "a.webp is a WebP file and cannot be read"),
        Throws.InstanceOf<TrakException>().With.Message.EqualTo(
            "a.webp is a WebP file and cannot be read: the native library libSkiaSharp cannot be loaded on this machine; it is in the "
            + "package SkiaSharp.NativeAssets of the operating system (libSkiaSharp is not there)."));

    [Test]
    public void ThumbnailsDecodeAgain([Values(16, 500)] int longest)
    {
        Picture picture = PictureDecoder.Read(PictureFixtures.PathOf("even.jpg"));
        Picture png = PictureDecoder.Decode(PictureThumbnail.ToPng(picture, longest), "png");
        Picture jpeg = PictureDecoder.Decode(PictureThumbnail.ToJpeg(picture, longest), "jpeg");
        (int Width, int Height) sides = longest == 16 ? (16, 12) : (64, 48);
        Assert.That((png.Width, png.Height), Is.EqualTo(sides));
        Assert.That((jpeg.Width, jpeg.Height), Is.EqualTo(sides));
        if (longest == 500) Assert.That(png.Pixels.SequenceEqual(picture.Pixels), Is.True);
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }

        return ~crc;
    }
}
