namespace TrakFast.Kernels.Tests;

/// <summary>The PTX that ships is what the kernels' sources compile to.</summary>
internal sealed class PtxDriftTests
{
    private const string Remedy = "run dotnet cake --target=Ptx";

    public static IEnumerable<string> Names => KernelEntry.All.Keys.Order(StringComparer.Ordinal);

    [Test]
    public void EveryKernelHasItsFile() =>
        Assert.That(PtxFile.Names.Order(StringComparer.Ordinal), Is.EqualTo(Names), $"files in kernels/TrakFast.Kernels.Cuda/Ptx: {Remedy}");

    [TestCaseSource(nameof(Names))]
    public void AFileIsWhatItsSourceCompilesTo(string name)
    {
        string compiled = PtxCompiler.Compile(KernelEntry.All[name]);
        Assert.That(PtxFile.Read(name).Text == compiled, $"{name}.ptx is not what its source compiles to: {Remedy}");
    }
}
