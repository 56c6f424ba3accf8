
namespace TrakFast.Tests.Support;

/// <summary>The conformance fixtures, wherever the tests were built.</summary>
internal static class Fixtures
{
    public static string Root => FixtureFolder.Path;

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    public static float[] Floats(params string[] parts) => NpyFile.Read(Path(parts)).ToFloats();

    /// <summary>‖a − b‖ / ‖b‖ over whole arrays.</summary>
    public static double RelativeError(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        Assert.That(actual.Length, Is.EqualTo(expected.Length));
        double difference = 0, norm = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            difference += Math.Pow(actual[i] - expected[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        return Math.Sqrt(difference / norm);
    }
}
