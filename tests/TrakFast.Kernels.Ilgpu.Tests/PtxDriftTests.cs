namespace TrakFast.Kernels.Tests;

/// <summary>The PTX that ships is what the kernels' sources compile to.</summary>
internal sealed class PtxDriftTests
{
    private const string Remedy = "run dotnet cake --target=Ptx";

    // Kernels of tests and benchmarks alone are embedded in this assembly, as they are in the benchmarks'.
    private static readonly PtxLibrary NotShipped = new(typeof(PtxDriftTests).Assembly);

    public static IEnumerable<string> Names => KernelEntry.All.Keys.Order(StringComparer.Ordinal);

    [Test]
    public void EveryKernelHasItsFile()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(PtxLibrary.Shipped.Names, Is.EquivalentTo(Compiled(true)), $"files in kernels/TrakFast.Kernels.Cuda/Ptx: {Remedy}");
            Assert.That(
                NotShipped.Names, Is.EquivalentTo(Compiled(false)), $"files in kernels/TrakFast.Kernels.Cuda/Ptx/Benchmark: {Remedy}");
        }

        static IEnumerable<string> Compiled(bool ships) =>
            from kernel in KernelEntry.All.Values where kernel.Ships == ships select kernel.Name;
    }

    [TestCaseSource(nameof(Names))]
    public void AFileIsWhatItsSourceCompilesTo(string name)
    {
        KernelEntry kernel = KernelEntry.All[name];
        Assert.That(
            (kernel.Ships ? PtxLibrary.Shipped : NotShipped).Read(name).Text == PtxCompiler.Compile(kernel),
            $"{name}.ptx is not what its source compiles to: {Remedy}");
    }
}
