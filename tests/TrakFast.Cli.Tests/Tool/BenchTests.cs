using System.Globalization;
using TrakFast.Cli.Bench;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Tests.Support;
using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Cli.Tests.Tool;

public sealed class BenchTests
{
    [Test]
    public void TheSampleNetworksAreTheOnesTheyAreNamedAfter()
    {
        using FeaturizeRun resnet = new(SampleNetworks.ResNet9(), 1, 8, Workers.Single);
        Assert.That(resnet.Parameters, Is.EqualTo(2_274_880));
        const double MultiplyAdds =
            (1728 * 1024) + (204800 * 256) + (2 * 147456 * 256) + (294912 * 256) + (2 * 589824 * 64) + (294912 * 36) + 1280;
        Assert.That(resnet.Operations, Is.EqualTo(2 * MultiplyAdds));
        Assert.That(
            SampleNetworks.SmallBert()
                .Initializers.Where(static i => i.Values.Type == ElementType.Float32)
                .Sum(static i => i.Values.Length),
            Is.EqualTo(13_127_694).Within(16));
    }

    [Test]
    public void ANetworksTableHasARowForEachThingThatIsTimed()
    {
        GraphBuilder builder = new("small");
        LayerValue x = builder.Relu(builder.Linear(builder.Input("x", 6), "hidden", 40));
        OnnxGraph graph = builder.Output(builder.Linear(x, "head", 10)).Build();
        ToolTable table = new BenchTables(Workers.Single, 32, 1, CancellationToken.None).Network("Small", graph, 3);
        Assert.That(table.Rows.Select(static row => row[0]), Is.EqualTo(new[]
        {
            "Forward", "Forward and backward, no weights' gradients", "Features by sjlt", "Features by kronecker", "Features by rademacher",
        }));
        Assert.That(table.Rows.Select(static row => double.Parse(row[1], CultureInfo.InvariantCulture)), Is.All.GreaterThan(0));
        Assert.That(table.Rows[0][2], Is.EqualTo("1.00"));
        Assert.That(table.Rows.Skip(2).Select(static row => row[3]), Is.All.Match("^[0-9]+ ?%$"));
    }

    [Test]
    public void MediansComeFromRoundsThatCount()
    {
        int calls = 0;
        double[] times = Timing.Medians(3, CancellationToken.None, () => calls++, static () => Thread.Sleep(5));
        Assert.That(calls, Is.EqualTo(4));
        Assert.That(times[1], Is.GreaterThan(times[0]));
    }

    [Test]
    public void RoundsMustBeOneAtLeast() => ToolResult.Of(["bench", "--rounds", "0"]).AssertWrongUsage("--rounds", "0");
}
