namespace TrakFast.Testing;

/// <summary>Networks that mix examples, as exporters write them (tests/fixtures/mixing), are refused with the node's name.</summary>
public abstract class MixingNetworkContract
{
    protected static IEnumerable<string> Names =>
        Directory.GetDirectories(Folder).Select(static d => Path.GetFileName(d)!).Order(StringComparer.Ordinal);

    private static string Folder => Path.Combine(FixtureFolder.Path, "mixing");

    /// <summary>The engine's model of a file.</summary>
    protected abstract IModel Open(string path);

    [TestCaseSource(nameof(Names))]
    public void IsRefusedByName(string name)
    {
        Checkpoint arrays = SafetensorsFile.Read(Path.Combine(Folder, name, "case.safetensors"));
        using IModel model = Open(Path.Combine(Folder, name, "model.onnx"));
        Batch batch = new(arrays.Tensors
            .Where(static t => t.Key.StartsWith("inputs/", StringComparison.Ordinal))
            .Select(static t => KeyValuePair.Create(t.Key["inputs/".Length..], t.Value)));
        TrakException? refused = Assert.Catch<TrakException>(() =>
        {
            using ModelResult result = model.Forward(batch);
            Variable f = result.First;
            ParameterSelection all = ParameterSelection.All(model.Parameters);
            model.Backward(f.Sum(), all, new DenseSink(batch.Size, all.Length));
        });
        Assert.That(refused!.Message, Does.Contain("node '").Or.Contain("output '"));
        TestContext.Out.WriteLine(refused.Message);
    }
}
