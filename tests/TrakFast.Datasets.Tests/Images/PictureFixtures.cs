namespace TrakFast.Datasets.Tests;

/// <summary>The pictures of tests/fixtures/pictures, and what PIL reads in them.</summary>
internal static class PictureFixtures
{
    public static string Folder { get; } = Path.Combine(FixtureFolder.Path, "pictures");

    public static IEnumerable<string> Decoded => Directory.GetFiles(Path.Combine(Folder, "decoded"))
        .Where(static f => !f.EndsWith(".npy", StringComparison.Ordinal)).Select(static f => Path.GetFileName(f))
        .Order(StringComparer.Ordinal);

    public static string PathOf(string name) => Path.Combine(Folder, "decoded", name);

    public static (int Height, int Width, byte[] Pixels) Expected(string path)
    {
        using NpyFile file = NpyFile.Open(path);
        byte[] bytes = File.ReadAllBytes(path);
        int height = (int)file.Shape[0], width = (int)file.Shape[1];
        return (height, width, bytes[^(height * width * 3)..]);
    }

    /// <summary>The values of a picture after no more than a resize and a crop, [H, W, 3].</summary>
    public static byte[] Bytes(PicturePreprocessing preprocessing, Picture picture)
    {
        PicturePreprocessing plain = preprocessing with { RescaleFactor = 1, Layout = PictureLayout.ChannelsLast };
        float[] values = new float[plain.ShapeOf(picture).Aggregate(1L, static (a, b) => a * b)];
        plain.Apply(picture, values);
        return [.. values.Select(static v => (byte)v)];
    }
}
