using System.Text.Json.Serialization;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Files;

public sealed partial class AtomicFileTests
{
    private readonly TemporaryDirectory _folder = new();

    [TearDown]
    public void Clean() => _folder.Dispose();

    [Test]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        AtomicFile.WriteText(_folder["a.txt"], "old");
        Assert.Throws<InvalidTimeZoneException>(() => AtomicFile.Write(_folder["a.txt"], static stream =>
        {
            stream.Write("half"u8);
            throw new InvalidTimeZoneException();
        }));
        Assert.Catch<TrakException>(() => AtomicFile.Write(_folder["a.txt"], static _ => { }, overwrite: false));
        Assert.That(File.ReadAllText(_folder["a.txt"]), Is.EqualTo("old"));
        Assert.That(_folder.Files, Is.EqualTo(new[] { "a.txt" }));

        JsonFile.Write(_folder["b.json"], [1, 2], Json.Default.Int32Array);
        Assert.That(JsonFile.Read(_folder["b.json"], Json.Default.Int32Array), Is.EqualTo(new[] { 1, 2 }));
        foreach (string bad in new[] { "", "[1,", "null", "{}", "[1] 2" })
        {
            AtomicFile.WriteText(_folder["b.json"], bad);
            TrakException error = Assert.Catch<TrakException>(() => JsonFile.Read(_folder["b.json"], Json.Default.Int32Array))!;
            Assert.That(error.Message, Does.Contain(_folder["b.json"]));
        }
    }

    [JsonSerializable(typeof(int[]))]
    private sealed partial class Json : JsonSerializerContext;
}
