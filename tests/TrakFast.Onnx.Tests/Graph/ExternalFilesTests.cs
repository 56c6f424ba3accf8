using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Google.Protobuf;
using TrakFast.Onnx.Proto;

namespace TrakFast.Onnx.Tests;

/// <summary>Arrays in files beside the model: read from where they lie, and from nowhere else.</summary>
internal sealed class ExternalFilesTests
{
    private static readonly float[] Weights = [1, 2, 3, 4, 5, 6];
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("trakfast-external-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void ArraysAreReadFromTheirPlaceInTheFile([Values("model.onnx.data", "weights/all.bin", "./model.data")] string location)
    {
        Put(location, [9f, .. Weights]);
        OnnxGraph graph = Read(("location", location), ("offset", "4"), ("length", "24"));
        Assert.That(graph.Parameters.Single().Name, Is.EqualTo("fc.weight"));
        Assert.That(ModelFile.Run(graph, [1, 1], 1, 2), Is.EqualTo(new float[] { 5, 7, 9 }));
    }

    [Test]
    public void OffsetAndLengthMayBeLeftOut()
    {
        Put("d", Weights);
        Assert.That(ModelFile.Run(Read(("location", "d")), [1, 0], 1, 2), Is.EqualTo(new float[] { 1, 2, 3 }));
    }

    [Test]
    public void AConstantNodesValueMayLieOutside()
    {
        Put("d", Weights);
        ModelFile model = Model(("location", "d"));
        TensorProto tensor = model.Graph.Initializer[0];
        model.Graph.Initializer.Clear();
        model.Node(
            "Constant", "", "fc.weight",
            new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = tensor });
        OnnxGraph graph = Read(model);
        Assert.That(graph.Parameters.Select(static p => p.Name), Is.EqualTo(new[] { "fc.weight" }));
        Assert.That(ModelFile.Run(graph, [0, 1], 1, 2), Is.EqualTo(new float[] { 4, 5, 6 }));
    }

    [Test]
    public void AMissingFileIsNamedWithTheModel() =>
        Refused("model.onnx keeps weights in the file 'gone.data', which is not beside it", ("location", "gone.data"));

    [Test]
    public void OnlyTheModelsFolderIsRead([Values("/etc/passwd", "../d", "a/../../d", "C:/d", "..\\d", "a\0b")] string location)
    {
        Put("d", Weights);
        Refused("only files in the model's folder and below it are read", ("location", location));
    }

    [Test]
    public void LinksMustStayInTheFolder()
    {
        string outside = Directory.CreateTempSubdirectory("trakfast-outside-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(outside, "d"), new byte[24]);
            File.CreateSymbolicLink(Path.Combine(_folder, "file"), Path.Combine(outside, "d"));
            Directory.CreateSymbolicLink(Path.Combine(_folder, "sub"), outside);
            File.CreateSymbolicLink(Path.Combine(_folder, "twice"), Path.Combine(_folder, "file"));
            Refused("a link that leaves the model's folder", ("location", "file"));
            Refused("a link that leaves the model's folder", ("location", "sub/d"));
            Refused("a link that leaves the model's folder", ("location", "twice"));
            Put("inside", Weights);
            File.CreateSymbolicLink(Path.Combine(_folder, "link"), "inside");
            Assert.That(ModelFile.Run(Read(("location", "link")), [1, 0], 1, 2), Is.EqualTo(new float[] { 1, 2, 3 }));
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [Test]
    public void AFolderReachedThroughALinkIsAFolder()
    {
        Put("d", Weights);
        File.WriteAllBytes(Path.Combine(_folder, "model.onnx"), Model(("location", "d")).Proto.ToByteArray());
        string link = _folder + "-link";
        Directory.CreateSymbolicLink(link, _folder);
        try
        {
            Assert.That(OnnxFile.Read(Path.Combine(link, "model.onnx")).Parameters, Has.Count.EqualTo(1));
        }
        finally
        {
            Directory.Delete(link);
        }
    }

    [Test]
    public void SizesAreComparedBeforeMemoryIsTaken()
    {
        Put("d", Weights);
        Refused("bytes 4 to 28 of the file 'd', which has 24", ("location", "d"), ("offset", "4"));
        Refused("takes 24 bytes by its shape [2, 3], but 23", ("location", "d"), ("length", "23"));
        Refused("its offset there is '-1'", ("location", "d"), ("offset", "-1"));
        Refused("its length there is '1e3'", ("location", "d"), ("length", "1e3"));
        Refused("which the model does not name", ("offset", "0"));
        Refused("of the file 'd', which has 24", ("location", "d"), ("offset", long.MaxValue.ToString()));

        ModelFile huge = Model(("location", "d"));
        huge.Graph.Initializer[0].Dims.Clear();
        huge.Graph.Initializer[0].Dims.AddRange([1_000_000, 1_000_000]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => Read(huge), Throws.InstanceOf<TrakException>().With.Message.Contains("4000000000000"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000));
    }

    [Test]
    public void AChecksumIsHeldAgainstTheFile()
    {
        Put("d", Weights);
        string sha = Convert.ToHexString(SHA1.HashData(File.ReadAllBytes(Path.Combine(_folder, "d"))));
        Assert.That(ModelFile.Run(Read(("location", "d"), ("checksum", sha)), [1, 0], 1, 2), Is.EqualTo(new float[] { 1, 2, 3 }));
        Refused("with the SHA-1 checksum 00ff", ("location", "d"), ("checksum", "00ff"));
    }

    [Test]
    public void AStreamHasNoFolder()
    {
        Put("d", Weights);
        Assert.That(
            () => Model(("location", "d")).Read(),
            Throws.InstanceOf<TrakException>().With.Message.Contains("a model read from a stream does not have"));
    }

    [Test]
    public void ArraysNobodyReadsNeedNoFile()
    {
        ModelFile model = Model(("location", "gone"));
        TensorProto unused = model.Graph.Initializer[0].Clone();
        unused.Name = "counts";
        unused.DataType = (int)TensorProto.Types.DataType.Int64;
        model.Graph.Initializer.Clear();
        model.Graph.Initializer.Add(unused);
        model.Array("fc.weight", Weights, 2, 3);
        Assert.That(() => Read(model), Throws.Nothing);
    }

    private static ModelFile Model(params (string Key, string Value)[] place)
    {
        TensorProto tensor = new()
        {
            Name = "fc.weight",
            DataType = (int)TensorProto.Types.DataType.Float,
            DataLocation = TensorProto.Types.DataLocation.External
        };
        tensor.Dims.AddRange([2, 3]);
        tensor.ExternalData.AddRange(place.Select(static p => new StringStringEntryProto { Key = p.Key, Value = p.Value }));
        ModelFile model = new ModelFile().Input("x", 2).Output("y").Node("MatMul", "x fc.weight", "y");
        model.Graph.Initializer.Add(tensor);
        return model;
    }

    private OnnxGraph Read(params (string Key, string Value)[] place) => Read(Model(place));

    private OnnxGraph Read(ModelFile model)
    {
        string path = Path.Combine(_folder, "model.onnx");
        File.WriteAllBytes(path, model.Proto.ToByteArray());
        return OnnxFile.Read(path);
    }

    private void Refused(string message, params (string Key, string Value)[] place) =>
        Assert.That(() => Read(place), Throws.InstanceOf<TrakException>().With.Message.Contains(message));

    private void Put(string location, float[] values)
    {
        string path = Path.Combine(_folder, location);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }
}
