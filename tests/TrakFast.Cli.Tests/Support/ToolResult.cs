using TrakFast.Cli.Engines;
using TrakFast.Kernels;

namespace TrakFast.Cli.Tests.Support;

/// <summary>What a run of the tool left: its exit code, its streams, and native buffers nobody freed.</summary>
/// <param name="ExitCode">Exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="BuffersLeft">Native buffers alive that were not before.</param>
internal sealed record ToolResult(int ExitCode, string Output, string Error, long BuffersLeft)
{
    /// <summary>Lines on standard error.</summary>
    public string[] ErrorLines => Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs the tool in this process.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <param name="torch">torch's engine; null for a tool without it.</param>
    public static ToolResult Of(string[] arguments, CancellationToken cancellationToken = default, ITorchEngine? torch = null)
    {
        StringWriter output = new(), error = new();
        long before = NativeBuffers.Alive;
        int code = TrakFastTool.Run(arguments, output, error, torch, cancellationToken);
        return new ToolResult(code, output.ToString(), error.ToString(), NativeBuffers.Alive - before);
    }

    /// <summary>Asserts that the work was done.</summary>
    public ToolResult AssertDone()
    {
        Assert.That(ExitCode, Is.EqualTo(0), Error);
        Assert.That(Error, Is.Empty);
        return this;
    }

    /// <summary>Asserts that the work failed with one sentence that has all these parts.</summary>
    public ToolResult AssertFailed(params string[] parts)
    {
        Assert.That(ExitCode, Is.EqualTo(1), Error + Output);
        Assert.That(ErrorLines, Has.Length.EqualTo(1), Error);
        Assert.That(Error, Does.Not.StartWith("internal error"));
        Assert.That(Error.TrimEnd(), Does.EndWith("."));
        foreach (string part in parts) Assert.That(Error, Does.Contain(part));
        Assert.That(BuffersLeft, Is.LessThanOrEqualTo(0), "native buffers left");
        TestContext.Out.WriteLine(Error.TrimEnd());
        return this;
    }

    /// <summary>Asserts that the command line was refused, with a sentence that has all these parts and a hint at the help.</summary>
    public ToolResult AssertWrongUsage(params string[] parts)
    {
        Assert.That(ExitCode, Is.EqualTo(2), Error + Output);
        Assert.That(ErrorLines, Has.Length.EqualTo(2), Error);
        foreach (string part in parts) Assert.That(ErrorLines[0], Does.Contain(part));
        Assert.That(ErrorLines[1], Does.Contain("--help"));
        TestContext.Out.WriteLine(Error.TrimEnd());
        return this;
    }
}
