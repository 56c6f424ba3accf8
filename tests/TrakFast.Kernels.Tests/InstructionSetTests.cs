using System.Diagnostics;

namespace TrakFast.Kernels.Tests;

/// <summary>Runs this suite again in processes that are denied instruction sets, so that every path is tested on any machine.</summary>
[Parallelizable(ParallelScope.Children)]
internal sealed class InstructionSetTests
{
    private const string Name = "InstructionSets";
    private const string Denied = "TRAKFAST_TEST_DENIED";

    [Test]
    public void WhatIsDeniedIsNotUsed()
    {
        string[] never = Environment.GetEnvironmentVariable(Denied) switch
        {
            null => [],
            "DOTNET_EnableAVX512" => ["AVX-512"],
            "DOTNET_EnableAVX2" => ["AVX-512", "AVX2"],
            _ => ["AVX-512", "AVX2", "128-bit SIMD"],
        };
        Assert.That(never, Does.Not.Contain(Simd.Name));
    }

    [Category(Name)]
    [TestCase("DOTNET_EnableAVX512", "DOTNET_EnableAVX512F")]
    [TestCase("DOTNET_EnableAVX2", "DOTNET_EnableAVX2")]
    [TestCase("DOTNET_EnableHWIntrinsic", "DOTNET_EnableHWIntrinsic")]
    [CancelAfter(1_800_000)]
    public void TheSuitePassesWithout(string variable, string olderName, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(
            "dotnet", ["vstest", typeof(InstructionSetTests).Assembly.Location, $"--TestCaseFilter:TestCategory!={Name}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Denied] = variable;
        start.Environment[variable] = "0";
        start.Environment[olderName] = "0";
        using Process process = Process.Start(start)!;
        using CancellationTokenRegistration stop = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, output + errors.Result);
        Assert.That(output, Does.Match(@"Passed:\s*\d\d+"), "ran next to nothing");
    }
}
