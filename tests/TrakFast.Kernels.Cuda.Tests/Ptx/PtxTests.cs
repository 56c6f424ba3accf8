namespace TrakFast.Kernels.Tests;

/// <summary>The embedded PTX is what the launchers pass arguments to. Needs neither a device nor ILGPU.</summary>
internal sealed class PtxTests
{
    // Kernels of tests and benchmarks alone are embedded in this assembly, as they are in the benchmarks'.
    private static readonly PtxLibrary NotShipped = new(typeof(PtxTests).Assembly);

    /// <summary>Every kernel's PTX.</summary>
    public static PtxLibrary Library { get; } = new(typeof(PtxLibrary).Assembly, typeof(PtxTests).Assembly);

    public static IEnumerable<string> Names => Library.Names.Order(StringComparer.Ordinal);

    [Test]
    public void EveryKernelThatIsLaunchedIsThereAndNoOthersAre()
    {
        Assert.That(DeviceKernel.All.Select(static kernel => kernel.Name), Is.Unique);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                PtxLibrary.Shipped.Names, Is.EquivalentTo(Launched(true)), "what the library embeds, and what it launches by itself");
            Assert.That(
                NotShipped.Names, Is.EquivalentTo(Launched(false)), "what tests and benchmarks embed, and what is launched for them");
        }

        static IEnumerable<string> Launched(bool ships) => from kernel in DeviceKernel.All where kernel.Ships == ships select kernel.Name;
    }

    [Test]
    public void AKernelThatIsNotEmbeddedIsNamed() =>
        Assert.That(
            () => PtxLibrary.Shipped.Read("PeakFma"),
            Throws.InvalidOperationException.With.Message.StartsWith("PeakFma.ptx is not embedded in TrakFast.Kernels.Cuda: "));

    [TestCaseSource(nameof(Names))]
    public void AFileHasOneEntryForTheLeastDevice(string name)
    {
        PtxFile file = Library.Read(name);
        PtxSignature signature = PtxSignature.Of(file.Text);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(file.Entry, Is.EqualTo(signature.Entry));
            Assert.That(signature.Target, Is.EqualTo("sm_80"));
            Assert.That(file.Text, Does.Contain(".version 8.0\n").And.Not.Contain("\r"));
            Assert.That(file.Text, Does.Not.Contain(".extern .func"), "a function that nobody defines");
        }
    }

    [Test]
    public void EntriesTakeWhatLaunchersPass()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (DeviceKernel kernel in DeviceKernel.All)
            {
                PtxSignature signature = PtxSignature.Of(Library.Read(kernel.Name).Text);
                Assert.That(
                    signature.Parameters, Is.EqualTo(kernel.Parameters.Select(PtxSignature.TypeOf)), $"parameters of {kernel.Name}");
                Assert.That(signature.Threads, Is.EqualTo(new[] { kernel.Threads, 1, 1 }), $"threads of {kernel.Name}");
            }
        }
    }

    [Test]
    public void ASignatureIsReadAsItIsWritten()
    {
        const string Text = ".version 8.0\n.target sm_80\n.visible .entry Kernel_Run(\n\t.param .align 8 .b8 _a_0[16],\n"
            + "\t.param .b32 _n_1,\n\t.param .f32 _x_2,\n\t.param .b64 _l_3\n)\n.maxntid 128, 1, 1\n.minnctapersm 2\n{\n\tret;\n}\n";
        PtxSignature signature = PtxSignature.Of(Text);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((signature.Entry, signature.Target), Is.EqualTo(("Kernel_Run", "sm_80")));
            Assert.That(signature.Threads, Is.EqualTo(new[] { 128, 1, 1 }));
            Assert.That(signature.Parameters, Is.EqualTo(new[] { ".align 8 .b8[16]", ".b32", ".f32", ".b64" }));
            Assert.That(signature.Parameters.Select(PtxSignature.BytesOf), Is.EqualTo(new[] { 16, 4, 4, 8 }));
        }
    }
}
