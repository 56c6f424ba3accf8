namespace TrakFast.Kernels.Tests;

/// <summary>NVIDIA's assembler takes every kernel, and keeps all of it in registers and shared memory.</summary>
internal sealed class PtxAssemblyTests
{
    [Test]
    public void KernelsAssembleWithoutSpills([Values("sm_80", "sm_90")] string architecture)
    {
        if (PtxAssembler.Find() is not { } assembler)
        {
            Assert.Ignore($"No ptxas is found in {PtxAssembler.Variable}, CUDA_HOME, the path or /usr/local/cuda/bin.");
            return;
        }

        string folder = Directory.CreateTempSubdirectory("trakfast-ptx-").FullName;
        using (Assert.EnterMultipleScope())
        {
            foreach (string name in PtxTests.Names)
            {
                string file = Path.Combine(folder, name + ".ptx");
                File.WriteAllText(file, PtxTests.Library.Read(name).Text);
                (int exitCode, string text) = assembler.Assemble(file, architecture);
                Assert.That(exitCode, Is.Zero, $"{name} for {architecture}: {text}");
                Assert.That(
                    text, Does.Contain("0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads"), $"{name} for {architecture}");
            }
        }

        Directory.Delete(folder, recursive: true);
    }
}
