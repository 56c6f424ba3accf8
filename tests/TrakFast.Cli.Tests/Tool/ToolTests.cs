using System.CommandLine;
using TrakFast.Cli.Commands;
using TrakFast.Cli.Consoles;

namespace TrakFast.Cli.Tests.Tool;

public sealed class ToolTests
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [SetUp]
    public void Clear()
    {
        _output.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
    }

    [Test]
    public void HelpIsNoError()
    {
        Assert.That(TrakFastTool.Run(["--help"], _output, _error), Is.EqualTo(0));
        Assert.That(_output.ToString(), Does.Contain("doctor"));
        Assert.That(_error.ToString(), Is.Empty);
    }

    [TestCase("no-such-command")]
    [TestCase("doctor --no-such-option")]
    [TestCase("doctor --save-dir")]
    [TestCase("")]
    public void WrongUsageIsOneLineAndAHint(string arguments)
    {
        int code = TrakFastTool.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), _output, _error);
        string[] lines = _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.That(code, Is.EqualTo(2));
        Assert.That(lines, Has.Length.EqualTo(2), _error.ToString());
        Assert.That(lines[1], Does.Contain("--help"));
        Assert.That(_output.ToString(), Is.Empty);
    }

    [Test]
    public void AnUnknownCommandIsNamed()
    {
        Assert.That(TrakFastTool.Run(["docto"], _output, _error), Is.EqualTo(2));
        Assert.That(_error.ToString(), Does.Contain("'docto'"));
    }

    [Test]
    public void WhatAUserCanMendIsOneSentence()
    {
        Assert.That(RunThrowing(() => throw new TrakException("fc1.weight is [32, 128],\n the model wants [32, 64].")), Is.EqualTo(1));
        Assert.That(_error.ToString(), Is.EqualTo("fc1.weight is [32, 128], the model wants [32, 64]." + Environment.NewLine));
    }

    [Test]
    public void AMissingFileIsOneSentence()
    {
        Assert.That(RunThrowing(static () => File.ReadAllBytes("/no/such/file.npy")), Is.EqualTo(1));
        AssertOneLine("file.npy");
    }

    [Test]
    public void DeniedAccessIsOneSentence()
    {
        Assert.That(RunThrowing(static () => throw new UnauthorizedAccessException("Access to '/x' is denied.")), Is.EqualTo(1));
        AssertOneLine("permissions");
    }

    [Test]
    public void TooLittleMemoryIsOneSentence()
    {
        Assert.That(RunThrowing(static () => throw new OutOfMemoryException()), Is.EqualTo(1));
        AssertOneLine("--batch-size");
    }

    [Test]
    public void AnythingElseSaysWhatAndWhere()
    {
        Assert.That(RunThrowing(FailDeepInside), Is.EqualTo(1));
        AssertOneLine("internal error: InvalidOperationException in TrakFast.Cli.Tests.Tool.ToolTests.FailDeepInside: several lines");
        Assert.That(_error.ToString(), Does.Not.Contain("   at "));
    }

    [Test]
    public void AnErrorInAnotherThreadIsUnwrapped()
    {
        Assert.That(RunThrowing(static () => Task.Run(static () => throw new TrakException("Only this.")).Wait()), Is.EqualTo(1));
        Assert.That(_error.ToString().Trim(), Is.EqualTo("Only this."));
    }

    [Test]
    public void CtrlCIsOneLineAndItsOwnCode()
    {
        using CancellationTokenSource cancellation = new();
        cancellation.Cancel();
        Assert.That(TrakFastTool.Run(["doctor"], _output, _error, cancellationToken: cancellation.Token), Is.EqualTo(130));
        Assert.That(_error.ToString().Trim(), Is.EqualTo("Canceled."));
    }

    private static void FailDeepInside() => throw new InvalidOperationException("several\n\tlines");

    private int RunThrowing(Action work)
    {
        ToolServices services = new("trakfast", new PlainConsole(_output, TimeProvider.System), _output, _error, null, static () => []);
        Command command = new("work");
        command.SetAction(async (_, _) =>
        {
            await Task.Yield();
            work();
            return ExitCode.Done;
        });
        return TrakFastTool.Run(new RootCommand { command }, ["work"], services);
    }

    private void AssertOneLine(string part)
    {
        string[] lines = _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(1));
        Assert.That(lines[0], Does.Contain(part));
    }
}
