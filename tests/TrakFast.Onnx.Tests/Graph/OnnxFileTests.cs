using TrakFast.Kernels;
using TrakFast.Onnx.Proto;

namespace TrakFast.Onnx.Tests;

/// <summary>Files as they come: whole, damaged and absurd. Each loads or is refused in one sentence, and nothing else.</summary>
internal sealed class OnnxFileTests
{
    [Test]
    public void AGraphSurvivesWritingAndReading([Values("mlp", "cnn")] string name)
    {
        Fixture fixture = new(name);
        OnnxGraph graph = OnnxFile.Read(fixture.Model);
        using MemoryStream stream = new();
        OnnxFile.Write(graph, stream);
        stream.Position = 0;
        OnnxGraph again = OnnxFile.Read(stream, graph.Name);
        Assert.That(again.Parameters.Select(static p => p.Name), Is.EqualTo(graph.Parameters.Select(static p => p.Name)));
        Assert.That(again.Nodes.Select(static n => n.ToString()), Is.EqualTo(graph.Nodes.Select(static n => n.ToString())));
        using OnnxModel a = new(graph), b = new(again);
        Assert.That(b.WeightHash, Is.EqualTo(a.WeightHash));
        using ModelResult x = a.Forward(fixture.Batch("target")), y = b.Forward(fixture.Batch("target"));
        Assert.That(y.First.ToArray(), Is.EqualTo(x.First.ToArray()));
    }

    [Test]
    public void ABuiltNetworkSurvivesWritingAndReading()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.onnx");
        OnnxFile.Write(TrainingTests.Network(), path);
        using OnnxModel model = OnnxModel.Load(path);
        File.Delete(path);
        Assert.That(model.Parameters.Sum(static p => p.Length), Is.EqualTo(14378));
    }

    [Test]
    public void AMissingFileIsNamed() =>
        Assert.That(
            () => OnnxFile.Read("/nowhere/model.onnx"), Throws.InstanceOf<TrakException>().With.Message.Contains("/nowhere/model.onnx"));

    [Test]
    public void ATruncatedFileLoadsOrIsRefused([Values("mlp", "cnn")] string name)
    {
        byte[] bytes = File.ReadAllBytes(new Fixture(name).Model);
        for (int length = 0; length < bytes.Length; length += 7)
            LoadsOrIsRefused(bytes.AsSpan(0, length).ToArray(), $"{name} cut to {length}");
    }

    [Test]
    public void AFlippedBitLoadsOrIsRefused([Values("mlp", "cnn")] string name, [Values(1, 2, 3)] int seed)
    {
        Fixture fixture = new(name);
        byte[] bytes = File.ReadAllBytes(fixture.Model);
        Batch batch = fixture.Batch("target").Rows(0, 2);
        Random random = new(seed);

        // Half of the flips fall on the file's beginning, where the nodes and their attributes stand.
        for (int trial = 0; trial < 1500; trial++)
        {
            byte[] flipped = [.. bytes];
            int limit = trial % 2 == 0 ? bytes.Length : Math.Min(bytes.Length, 2500);
            for (int flips = 0; flips <= trial % 3; flips++) flipped[random.Next(limit)] ^= (byte)(1 << random.Next(8));
            LoadsOrIsRefused(flipped, $"{name}, seed {seed}, trial {trial}", batch);
        }
    }

    [Test]
    public void AnAbsurdTensorIsRefusedBeforeMemoryIsTaken()
    {
        TensorProto huge = new() { Name = "w", DataType = 1, RawData = Google.Protobuf.ByteString.CopyFrom(new byte[8]) };
        huge.Dims.AddRange([1_000_000, 1_000_000]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(
            () => Read(huge),
            Throws.InstanceOf<TrakException>().With.Message.Contains("[1000000, 1000000]").And.Message.Contains("8 bytes"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(10_000_000));
        huge.Dims.Clear();
        huge.Dims.AddRange([long.MaxValue, long.MaxValue]);
        Assert.That(() => Read(huge), Throws.InstanceOf<TrakException>());
        huge.Dims.Clear();
        huge.Dims.AddRange([-1, 2]);
        Assert.That(() => Read(huge), Throws.InstanceOf<TrakException>());
        huge.Dims.Clear();
        huge.Dims.AddRange([1, 2]);
        huge.DataLocation = TensorProto.Types.DataLocation.External;
        Assert.That(() => Read(huge), Throws.InstanceOf<TrakException>().With.Message.Contains("another file"));
    }

    [Test]
    public void EveryElementTypeIsRead()
    {
        Assert.That(
            Read(Tensor(TensorProto.Types.DataType.Float, t => t.FloatData.AddRange([1, 2]))).Values<float>().ToArray(),
            Is.EqualTo(new float[] { 1, 2 }));
        Assert.That(
            Read(Tensor(TensorProto.Types.DataType.Double, t => t.DoubleData.AddRange([1, 2]))).ToFloats(),
            Is.EqualTo(new float[] { 1, 2 }));
        Assert.That(
            Read(Tensor(TensorProto.Types.DataType.Int64, t => t.Int64Data.AddRange([1, -2]))).ToLongs(), Is.EqualTo(new long[] { 1, -2 }));
        Assert.That(
            Read(Tensor(TensorProto.Types.DataType.Int32, t => t.Int32Data.AddRange([1, -2]))).ToLongs(), Is.EqualTo(new long[] { 1, -2 }));
        Assert.That(
            Read(Tensor(TensorProto.Types.DataType.Int16, t => t.Int32Data.AddRange([300, -2]))).ToLongs(),
            Is.EqualTo(new long[] { 300, -2 }));
        Assert.That(
            Read(Tensor(TensorProto.Types.DataType.Uint16, t => t.Int32Data.AddRange([1, 65535]))).ToLongs(),
            Is.EqualTo(new long[] { 1, 65535 }));
        Assert.That(
            Read(Tensor(TensorProto.Types.DataType.Uint16, t => t.RawData = Google.Protobuf.ByteString.CopyFrom(1, 0, 255, 255))).ToLongs(),
            Is.EqualTo(new long[] { 1, 65535 }));
        Assert.That(
            Read(Tensor(TensorProto.Types.DataType.Uint32, t => t.Uint64Data.AddRange([1, uint.MaxValue]))).ToLongs(),
            Is.EqualTo(new long[] { 1, uint.MaxValue }));
        Assert.That(
            Read(Tensor(TensorProto.Types.DataType.Uint64, t => t.Uint64Data.AddRange([1, long.MaxValue]))).ToLongs(),
            Is.EqualTo(new long[] { 1, long.MaxValue }));
        Assert.That(
            () => Read(Tensor(TensorProto.Types.DataType.Uint64, t => t.Uint64Data.AddRange([1, ulong.MaxValue]))),
            Throws.InstanceOf<TrakException>().With.Message.Contains($"{ulong.MaxValue}"));
        Assert.That(
            Read(Tensor(TensorProto.Types.DataType.Bool, t => t.RawData = Google.Protobuf.ByteString.CopyFrom(7, 0))).ToLongs(),
            Is.EqualTo(new long[] { 1, 0 }));
        Assert.That(
            Read(Tensor(TensorProto.Types.DataType.Int8, t => t.Int32Data.AddRange([1, -2]))).ToLongs(), Is.EqualTo(new long[] { 1, -2 }));
        Assert.That(
            Read(Tensor(TensorProto.Types.DataType.Uint8, t => t.Int32Data.AddRange([1, 200]))).ToLongs(),
            Is.EqualTo(new long[] { 1, 200 }));
        Assert.That(
            Read(Tensor(TensorProto.Types.DataType.Bool, t => t.Int32Data.AddRange([7, 0]))).ToLongs(), Is.EqualTo(new long[] { 1, 0 }));
        Assert.That(
            Read(Tensor(TensorProto.Types.DataType.Float16, t => t.Int32Data.AddRange([0x3C00, 0xC000]))).ToFloats(),
            Is.EqualTo(new float[] { 1, -2 }));
        Assert.That(
            Read(Tensor(TensorProto.Types.DataType.Bfloat16, t => t.Int32Data.AddRange([0x3F80, 0xC000]))).ToFloats(),
            Is.EqualTo(new float[] { 1, -2 }));
        Assert.That(
            () => Read(Tensor(TensorProto.Types.DataType.String, static _ => { })),
            Throws.InstanceOf<TrakException>().With.Message.Contains("String"));

        static TensorProto Tensor(TensorProto.Types.DataType type, Action<TensorProto> fill)
        {
            TensorProto tensor = new() { Name = "t", DataType = (int)type };
            tensor.Dims.Add(2);
            fill(tensor);
            return tensor;
        }
    }

    [Test]
    public void UnknownOperatorsAreAllNamedAtOnce()
    {
        TestGraph graph = new();
        string a = graph.Node("LSTM", [graph.Input("x", null, 3)]);
        string b = graph.Node("com.example::Twist", [a]);
        string c = graph.Node("LSTM", [b]);
        Assert.That(
            () => new OnnxModel(graph.Build(c)),
            Throws.InstanceOf<TrakException>().With.Message.Contains($"LSTM ('{a}', '{c}')")
                .And.Message.Contains($"com.example::Twist ('{b}')"));
    }

    [Test]
    public void BrokenGraphsAreRefused()
    {
        GraphValue x = new("x", ElementType.Float32, [null, 3]), y = new("y", ElementType.Float32, null);
        GraphNode Relu(string from, string to) => new("Relu", "", [from], [to]);
        Assert.That(
            () => Graph([x], [y], Relu("z", "y"), Relu("y", "z")), Throws.InstanceOf<TrakException>().With.Message.Contains("circle"));
        Assert.That(() => Graph([x], [y], Relu("nobody", "y")), Throws.InstanceOf<TrakException>().With.Message.Contains("'nobody'"));
        Assert.That(
            () => Graph([x], [y], Relu("x", "y"), Relu("x", "y")), Throws.InstanceOf<TrakException>().With.Message.Contains("twice"));
        Assert.That(() => Graph([x], [y], Relu("x", "z")), Throws.InstanceOf<TrakException>().With.Message.Contains("'y'"));
        Assert.That(() => Graph([x], [], Relu("x", "z")), Throws.InstanceOf<TrakException>());
        Assert.That(() => Graph([x, x], [y], Relu("x", "y")), Throws.InstanceOf<TrakException>());

        // As deep as anyone may nest nodes: order is found without recursion.
        GraphNode[] chain =
            [.. Enumerable.Range(0, 50_000).Select(i => Relu(i == 0 ? "x" : $"v{i}", i == 49_999 ? "y" : $"v{i + 1}")).Reverse()];
        Assert.That(Graph([x], [y], chain).Nodes[0].Inputs[0], Is.EqualTo("x"));

        static OnnxGraph Graph(GraphValue[] inputs, GraphValue[] outputs, params GraphNode[] nodes) =>
            new("broken.onnx", 17, inputs, outputs, nodes, []);
    }

    [Test]
    public void TrainingModesAreRefused()
    {
        TestGraph graph = new();
        string y = graph.Node(
            "BatchNormalization",
            [graph.Input("x", null, 3), graph.Parameter("s", 3), graph.Parameter("b", 3), graph.Parameter("m", 3), graph.Parameter("v", 3)],
            ("training_mode", 1));
        using OnnxModel model = new(graph.Build(y));
        Assert.That(() => model.Forward(graph.Batch(2)), Throws.InstanceOf<TrakException>().With.Message.Contains("training mode"));
    }

    private static DataArray Read(TensorProto tensor) =>
        new TensorReader(new ExternalFiles("test.onnx", null)).Read(tensor, "test.onnx: the initializer 'w'");

    private static void LoadsOrIsRefused(byte[] bytes, string what, Batch? batch = null)
    {
        try
        {
            using MemoryStream stream = new(bytes);
            using OnnxModel model = new(OnnxFile.Read(stream, "damaged.onnx"), new OnnxOptions { Workers = Workers.Single });
            if (batch is null) return;
            using ModelResult result = model.Forward(batch);
            if (result.First.Shape.Count == 0) return;
            Variable f = result.First.Reshape(result.First.Shape[0], -1).Sum(1);
            ParameterSelection all = ParameterSelection.All(model.Parameters);
            model.Backward(f, all, new DiscardingSink());
        }
        catch (TrakException)
        {
            // A sentence for the user: what is wanted.
        }
        catch (Exception error)
        {
            Assert.Fail($"{what}: {error}");
        }
    }

    private sealed class DiscardingSink : IGradientSink
    {
        public void Accept(GradientBlock block)
        {
        }
    }
}
