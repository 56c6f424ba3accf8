using System.Globalization;
using System.Text;

namespace TrakFast.Onnx.Tests;

/// <summary>Lists of parameters as people write them, and damaged ones.</summary>
internal sealed class ParameterNamesTests
{
    private static readonly string[] Expected = ["fc.weight", "fc.bias"];

    [TestCase("[\"fc.weight\", \"fc.bias\"]")]
    [TestCase("\uFEFF\r\n [ \"fc.weight\",\n\"fc.bias\", \"fc.weight\" ] \n")]
    [TestCase("fc.weight\nfc.bias\n")]
    [TestCase("\n fc.weight\r\n\r\nfc.bias")]
    public void AListIsReadFromJsonAndFromLines(string text) =>
        Assert.That(ParameterNames.Parse(Encoding.UTF8.GetBytes(text), "The list"), Is.EqualTo(Expected));

    [TestCase("", "names no parameter")]
    [TestCase("[]", "names no parameter")]
    [TestCase("[1]", "no list of names")]
    [TestCase("{\"fc.weight\": 1}", "no list of names")]
    [TestCase("\"fc.weight\"", "no list of names")]
    [TestCase("[\"a\"", "is not JSON")]
    [TestCase("[\"a\"] b", "is not JSON")]
    [TestCase("[\"\\ud800\"]", "is not JSON")]
    [TestCase("a\0b", "not a text")]
    public void AnythingElseIsRefused(string text, string why) => Assert.That(
        () => ParameterNames.Parse(Encoding.UTF8.GetBytes(text), "The list"),
        Throws.InstanceOf<TrakException>().With.Message.StartsWith("The list").And.Message.Contains(why));

    [Test]
    public void AFileThatIsNotThereIsNamed()
    {
        string folder = Directory.CreateTempSubdirectory("trakfast-").FullName;
        Assert.That(
            () => ParameterNames.Read(Path.Combine(folder, "gone.json")),
            Throws.InstanceOf<TrakException>().With.Message.Contains("gone.json").And.Message.Contains("no such file"));
        Assert.That(() => ParameterNames.Read(folder), Throws.InstanceOf<TrakException>().With.Message.Contains("directory"));
        Directory.Delete(folder);
    }

    [Test]
    public void DamagedListsAreReadOrRefused() => Run(1, 0, 5000);

    /// <summary><c>TRAKFAST_FUZZ=seed:first:count</c> chooses what is done; without it seed 1, mutations 0 to 99,999.</summary>
    [Test]
    [Explicit("Takes longer.")]
    [Category("Fuzz")]
    public void VeryManyDamagedListsAreReadOrRefused()
    {
        string text = Environment.GetEnvironmentVariable("TRAKFAST_FUZZ") is { Length: > 0 } given ? given : "1:0:100000";
        int[] numbers = [.. text.Split(':').Select(static n => int.Parse(n, CultureInfo.InvariantCulture))];
        Run(numbers[0], numbers[1], numbers[2]);
    }

    // Anything but a TrakException fails the test by itself.
    private static void Run(int seed, int first, int count)
    {
        byte[][] lists = [
            .. new[] { "[\"fc.weight\", \"fc.bi\\u0061s\", \"a.b.c\"]", "fc.weight\nfc.bias\nä.ö\n" }.Select(Encoding.UTF8.GetBytes)];
        int read = 0;
        OnnxGraph graph = new ModelFile().Input("x", 3).Output("y")
            .Array("fc.weight", [1.5f, 2, 3], 3).Node("Mul", "x fc.weight", "y").Read();
        for (int i = first; i < first + count; i++)
        {
            Random random = new(unchecked((seed * 1_000_003) + i));
            List<byte> bytes = [.. lists[i % lists.Length]];
            for (int change = random.Next(1, 5); change > 0 && bytes.Count > 0; change--)
            {
                int at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0: bytes[at] = (byte)random.Next(256); break;
                    case 1: bytes.RemoveRange(at, Math.Min(random.Next(8), bytes.Count - at)); break;
                    case 2: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(20), bytes.Count - at))); break;
                    default: bytes.Insert(at, "[]{}\",\\\0\n\ufeff"u8[random.Next(12)]); break;
                }
            }

            try
            {
                IReadOnlyList<string> names = ParameterNames.Parse(bytes.ToArray(), "The list");
                read++;
                TrainedParameters.Named(graph, names, "list");
            }
            catch (TrakException)
            {
                // One sentence for whoever wrote it.
            }
        }

        Assert.That(read, Is.InRange(count / 10, count - (count / 10)), "the damage is neither none nor total");
    }
}
