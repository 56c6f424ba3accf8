namespace TrakFast.Kernels.Tests;

/// <summary>The embedded PTX is what the launchers pass arguments to. Needs neither a device nor ILGPU.</summary>
internal sealed class PtxTests
{
    // Kernels of the benchmark alone, which times them beside those that are launched.
    private const string Reference = "Reference";

    public static IEnumerable<string> Names => PtxFile.Names.Order(StringComparer.Ordinal);

    [Test]
    public void EveryKernelThatIsLaunchedIsThereAndNoOthersAre()
    {
        string[] launched = [.. DeviceKernel.All.Select(static kernel => kernel.Name)];
        Assert.That(launched, Is.Unique);
        Assert.That(launched.Except(PtxFile.Names), Is.Empty, "launched, but not embedded");
        Assert.That(PtxFile.Names.Except(launched).Where(static name => !name.EndsWith(Reference, StringComparison.Ordinal)), Is.Empty, "embedded, but never launched");
    }

    [TestCaseSource(nameof(Names))]
    public void AFileHasOneEntryForTheLeastDevice(string name)
    {
        PtxFile file = PtxFile.Read(name);
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
                PtxSignature signature = PtxSignature.Of(PtxFile.Read(kernel.Name).Text);
                Assert.That(signature.Parameters, Is.EqualTo(kernel.Parameters.Select(PtxSignature.TypeOf)), $"parameters of {kernel.Name}");
                Assert.That(signature.Threads, Is.EqualTo(new[] { kernel.Threads, 1, 1 }), $"threads of {kernel.Name}");
            }
        }
    }

    [Test]
    public void ASignatureIsReadAsItIsWritten()
    {
        const string Text = ".version 8.0\n.target sm_80\n.visible .entry Kernel_Run(\n\t.param .align 8 .b8 _a_0[16],\n\t.param .b32 _n_1,\n\t.param .f32 _x_2,\n\t.param .b64 _l_3\n)\n.maxntid 128, 1, 1\n.minnctapersm 2\n{\n\tret;\n}\n";
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
