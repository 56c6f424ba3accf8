using TrakFast.Kernels;
using TrakFast.Onnx;
using TrakFast.Tests.Support;

namespace TrakFast.Tests.Checkpoints;

/// <summary>
/// Every exported network takes its own state dict back under other names, those whose weights the exporter turned, renamed or tied
/// included.
/// </summary>
public sealed class NetworkNameTests
{
    private static IEnumerable<TestCaseData> Networks =>
        from path in new[] { "networks", "exports", "bert", "clip", "cnn" }
            .SelectMany(static folder => Directory.GetFiles(Fixtures.Path(folder), "model.onnx", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal)
        select new TestCaseData(path).SetArgDisplayNames(Path.GetFileName(Path.GetDirectoryName(path)!));

    [TestCaseSource(nameof(Networks))]
    public void ANetworkTakesItsOwnWeightsUnderOtherNames(string path)
    {
        using OnnxModel model = OnnxModel.Load(path, new OnnxOptions { Workers = Workers.Single });
        string hash = model.WeightHash;

        // A mask's infinity is a constant of the graph's, and no checkpoint may hold one.
        Checkpoint own = new("own", model.Graph.ToStateDict("own").Tensors
            .Where(static t => !t.Value.ToFloats().Any(float.IsInfinity))
            .ToDictionary(StringComparer.Ordinal));
        Checkpoint other = new("other", own.Tensors.ToDictionary(static t => "module._orig_mod." + t.Key, static t => t.Value));
        foreach ((Checkpoint checkpoint, int notes) in new[] { (own, 0), (other, 1) })
        {
            Checkpoint fitted = model.Graph.Fit(checkpoint);
            model.Load(fitted);
            Assert.That(model.WeightHash, Is.EqualTo(hash));
            Assert.That(fitted.Notes, Has.Count.EqualTo(notes), string.Join("; ", fitted.Notes));
        }
    }
}
