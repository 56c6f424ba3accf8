using System.Buffers.Binary;
using System.Text;
using TrakFast.Kernels;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Files;

public sealed class SafetensorsFileTests
{
    private readonly TemporaryDirectory _folder = new();

    [OneTimeTearDown]
    public void Clean() => _folder.Dispose();

    [Test]
    public void A_weight_that_was_kept_once_is_found_under_its_other_names()
    {
        // As the safetensors library writes a model whose layers share a weight; other remarks mean nothing.
        byte[] header = System.Text.Encoding.UTF8.GetBytes("{\"__metadata__\":{\"format\":\"pt\",\"lm_head.weight\":\"wte.weight\",\"gone\":\"nothing\"},\"wte.weight\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}");
        string path = _folder.With(
            "tied.safetensors",
            [.. BitConverter.GetBytes((long)header.Length), .. header, .. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)]);
        Checkpoint read = SafetensorsFile.Read(path);
        Assert.That(read.Tensors.Keys, Is.EqualTo(new[] { "wte.weight", "lm_head.weight" }));
        Assert.That(read.Tensors["lm_head.weight"].ToFloats(), Is.EqualTo(new[] { 1.5f, -2f }));
    }

    [Test]
    public void Every_type_comes_back_in_order()
    {
        var random = new Random(5);
        List<KeyValuePair<string, DataArray>> tensors = [];
        foreach (ElementType type in Enum.GetValues<ElementType>().Reverse())
        {
            foreach (long[] shape in new long[][] { [], [3], [0, 4], [2, 3] })
            {
                byte[] bytes = new byte[Shapes.Count(shape) * type.Size()];
                random.NextBytes(bytes);
                if (type == ElementType.Bool) for (int i = 0; i < bytes.Length; i++) bytes[i] &= 1;
                tensors.Add(KeyValuePair.Create($"λ \"{type}\" {Shapes.Text(shape)}", new DataArray(type, shape, bytes)));
            }
        }

        SafetensorsFile.Write(_folder["all.safetensors"], tensors);
        Checkpoint back = SafetensorsFile.Read(_folder["all.safetensors"]);
        Assert.That(back.Name, Is.EqualTo(_folder["all.safetensors"]));
        Assert.That(back.Tensors.Keys, Is.EqualTo(tensors.Select(static t => t.Key)));
        foreach (var (name, array) in tensors)
        {
            Assert.That(back.Tensors[name].ToString(), Is.EqualTo(array.ToString()), name);
            Assert.That(back.Tensors[name].Bytes.ToArray(), Is.EqualTo(array.Bytes.ToArray()), name);
        }
    }

    [Test]
    public void Fixtures_are_read_and_written_byte_for_byte()
    {
        // Those of `exports` were not written by the safetensors library, and pad their headers differently.
        string[] files = [.. Directory.GetFiles(Fixtures.Path(), "*.safetensors", SearchOption.AllDirectories)
            .Where(static f => !f.Contains("exports", StringComparison.Ordinal))];
        Assert.That(files, Is.Not.Empty);
        foreach (string file in files)
        {
            Checkpoint checkpoint = SafetensorsFile.Read(file);
            Assert.That(checkpoint.Tensors, Is.Not.Empty);
            SafetensorsFile.Write(_folder["copy.safetensors"], checkpoint.Tensors);
            Assert.That(File.ReadAllBytes(_folder["copy.safetensors"]), Is.EqualTo(File.ReadAllBytes(file)), file);
        }

        Checkpoint mlp = SafetensorsFile.Read(Fixtures.Path("mlp", "checkpoint_0.safetensors"));
        Assert.That(mlp.Tensors["fc1.weight"].ToString(), Is.EqualTo("Float32 [32, 64]"));
    }

    [Test]
    public void Remarks_and_empty_files_are_fine()
    {
        string path = Made("""{"__metadata__":{"format":"pt"},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}   """, 1, 2);
        Assert.That(SafetensorsFile.Read(path).Tensors.Single().Value.ToLongs(), Is.EqualTo(new long[] { 1, 2 }));
        Assert.That(SafetensorsFile.Read(Made("{}")).Tensors, Is.Empty);
    }

    [TestCase("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}}""", "takes 3 bytes, but its data_offsets [0, 2] give it 2")]
    [TestCase(
        """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", "too long: its tensors take 1 bytes, and 2 are behind the header")]
    [TestCase("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "ends at byte 3 behind the header, and 2 are there")]
    [TestCase("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}""", "no start and end")]
    [TestCase("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[-2,0]}}""", "no whole number")]
    [TestCase("""{"a":{"dtype":"U8","shape":[2.5],"data_offsets":[0,2]}}""", "no whole number")]
    [TestCase("""{"a":{"dtype":"U8","shape":["2"],"data_offsets":[0,2]}}""", "no whole number")]
    [TestCase("""{"a":{"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,2]}}""", "no whole number")]
    [TestCase("""{"a":{"dtype":"F64","shape":[4611686018427387904,4611686018427387904,4],"data_offsets":[0,2]}}""", "no file can hold")]
    [TestCase("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", "overlap")]
    [TestCase("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", "gaps")]
    [TestCase(
        """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""",
        "unreadable safetensors header")]
    [TestCase("""{"a":{"dtype":"U8","dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", "unreadable safetensors header")]
    [TestCase("""{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}""", "dtype 'C64'; read are")]
    [TestCase("""{"a":{"shape":[2],"data_offsets":[0,2]}}""", "exactly dtype, shape and data_offsets")]
    [TestCase("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"more":1}}""", "exactly dtype, shape and data_offsets")]
    [TestCase("""{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}""", "holds 2 at element 1")]
    [TestCase("""{"\ud800":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", "unreadable safetensors header")]
    [TestCase("""{"a":{"dtype":"\udc00","shape":[2],"data_offsets":[0,2]}}""", "unreadable safetensors header")]
    [TestCase("""{"a":[[[[[[[[[[1]]]]]]]]]]}""", "unreadable safetensors header")]
    [TestCase("""[1]""", "no JSON object")]
    [TestCase("""{"a":""", "unreadable safetensors header")]
    [TestCase("", "unreadable safetensors header")]
    public void What_is_wrong_is_said(string header, string message)
    {
        string path = Made(header, 1, 2);
        TrakException error = Assert.Catch<TrakException>(() => SafetensorsFile.Read(path))!;
        Assert.That(error.Message, Does.Contain(message).And.Contain(path));
    }

    [Test]
    public void Headers_that_are_no_UTF8_or_too_long_are_refused()
    {
        byte[] bytes = File.ReadAllBytes(Made("""{"aa":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"""));
        bytes[10] = 0xFF;
        Assert.That(Assert.Catch<TrakException>(() => SafetensorsFile.Read(_folder.With("x", bytes)))!.Message, Does.Contain("not UTF-8"));
        foreach (ulong length in new[] { 100_000_001UL, ulong.MaxValue, (ulong)long.MaxValue })
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
            Assert.That(
                Assert.Catch<TrakException>(() => SafetensorsFile.Read(_folder.With("x", bytes)))!.Message, Does.Contain($"{length}"));
        }

        BinaryPrimitives.WriteUInt64LittleEndian(bytes, 99_999_999);
        Assert.That(Assert.Catch<TrakException>(() => SafetensorsFile.Read(_folder.With("x", bytes)))!.Message, Does.Contain("cut short"));
    }

    [Test]
    public void Names_must_differ_and_not_be_reserved()
    {
        DataArray a = DataArray.From([1f], 1);
        Assert.Catch<TrakException>(() => SafetensorsFile.Write(_folder["n"], [new("a", a), new("a", a)]));
        Assert.Catch<TrakException>(() => SafetensorsFile.Write(_folder["n"], [new("__metadata__", a)]));
        Assert.That(File.Exists(_folder["n"]), Is.False);
    }

    [Test]
    public void Every_truncation_is_an_error()
    {
        SafetensorsFile.Write(_folder["s"], [new("a", DataArray.From([1f, 2f], 2)), new("b", DataArray.From([1L], 1))]);
        Corruption.EveryTruncation(File.ReadAllBytes(_folder["s"]), static path => SafetensorsFile.Read(path));
    }

    [Test]
    public void Flipped_bits_are_read_or_refused()
    {
        SafetensorsFile.Write(
            _folder["s"],
            [new("a", DataArray.From([1f, 2f], 2)), new("b", DataArray.From([1L, 2, 3], 3)), new("c", DataArray.From([true, false], 2))]);
        byte[] good = File.ReadAllBytes(_folder["s"]);
        int readable = Corruption.BitFlips(good, good.Length - 34, static path => SafetensorsFile.Read(path));
        Assert.That(readable, Is.InRange(1, 5_000));
    }

    private string Made(string header, params byte[] data)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        return _folder.With("made.safetensors", [.. length, .. text, .. data]);
    }
}
