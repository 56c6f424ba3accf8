using TrakFast.Kernels;
using TrakFast.Onnx;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Checkpoints;

/// <summary>The files of tests/fixtures/checkpoints.</summary>
internal static class CheckpointFiles
{
    public static string Path(params string[] parts) => Fixtures.Path(["checkpoints", .. parts]);

    /// <summary>The weights that most of them hold.</summary>
    public static Checkpoint Original() => SafetensorsFile.Read(Fixtures.Path("mlp", "checkpoint_0.safetensors"));

    public static OnnxModel Model() =>
        OnnxModel.Load(Fixtures.Path("mlp", "model.onnx"), new OnnxOptions { Workers = Workers.Single });

    /// <summary>Asserts that two checkpoints hold the same, names and bits.</summary>
    public static void AssertSame(Checkpoint actual, Checkpoint expected)
    {
        Assert.That(actual.Tensors.Keys, Is.EquivalentTo(expected.Tensors.Keys));
        Assert.Multiple(() =>
        {
            foreach ((string name, DataArray array) in expected.Tensors)
                Assert.That(CheckpointDifferences.Same(actual.Tensors[name], array), Is.True, name);
        });
    }
}
