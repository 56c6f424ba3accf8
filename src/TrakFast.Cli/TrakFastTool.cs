using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using TrakFast.Cli.Commands;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Engines;

namespace TrakFast.Cli;

/// <summary>The whole tool as one call: arguments and streams in, exit code out. Tests call it in-process.</summary>
public static class TrakFastTool
{
    /// <summary>The process: its streams, the signals that stop it and its exit code.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="torch">torch's engine; null for a tool without it.</param>
    /// <returns>The exit code.</returns>
    public static int RunProcess(string[] args, ITorchEngine? torch = null)
    {
        using StopSignals signals = new();
        return signals.Explain(Run(args, Console.Out, Console.Error, torch, signals.Token));
    }

    /// <summary>Parses the arguments, runs the command and turns whatever goes wrong into one sentence and an exit code.</summary>
    internal static int Run(
        string[] args, TextWriter output, TextWriter error, ITorchEngine? torch = null, CancellationToken cancellationToken = default)
    {
        ToolServices services = ToolServices.Compose(torch, ToolConsole.For(output), output, error);
        return Run(CreateRootCommand(services), args, services, cancellationToken);
    }

    /// <summary>The same for commands chosen by the caller.</summary>
    internal static int Run(RootCommand root, string[] args, ToolServices services, CancellationToken cancellationToken = default)
    {
        ParseResult parsed = root.Parse(args);
        if (StrayOption(parsed) is { } stray) return ReportWrongUsage(parsed, services, $"Unrecognized command or argument '{stray}'.");
        if (parsed.Action is ParseErrorAction || (parsed.Action is null && parsed.Errors.Count > 0))
            return ReportWrongUsage(parsed, services, Worst(parsed).Message);

        InvocationConfiguration invocation = new()
        {
            Output = services.Output,
            Error = services.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return parsed.InvokeAsync(invocation, cancellationToken).GetAwaiter().GetResult();
        }
        catch (Exception exception)
        {
            (string sentence, int code) = Failure.Explain(exception, cancellationToken);
            services.Error.WriteLine(sentence);
            return code;
        }
    }

    /// <summary>The commands. A new one adds its line here.</summary>
    internal static RootCommand CreateRootCommand(ToolServices services) =>
        new("TRAK data attribution: which training examples made this model do that.")
        {
            QuickstartCommand.Create(services),
            RunCommand.Create(services),
            TopCommand.Create(services),
            ReportCommand.Create(services),
            EvalCommand.Create(services),
            VerifyCommand.Create(services),
            DoctorCommand.Create(services),
            BenchCommand.Create(services),
        };

    // An option that takes several values takes an unknown option for one of them.
    private static string? StrayOption(ParseResult parsed) => parsed.CommandResult.Children
        .OfType<OptionResult>()
        .SelectMany(static option => option.Tokens)
        .Select(static token => token.Value)
        .FirstOrDefault(static value => value.StartsWith("--", StringComparison.Ordinal));

    private static ParseError Worst(ParseResult parsed) =>
        parsed.Errors.FirstOrDefault(e => parsed.UnmatchedTokens.Any(t => e.Message.Contains($"'{t}'", StringComparison.Ordinal)))
        ?? parsed.Errors[0];

    private static int ReportWrongUsage(ParseResult parsed, ToolServices services, string sentence)
    {
        string command = parsed.CommandResult.Command is RootCommand ? string.Empty : $" {parsed.CommandResult.Command.Name}";
        services.Error.WriteLine(Failure.OneLine(sentence));
        services.Error.WriteLine($"Run '{services.Name}{command} --help' to see what is accepted.");
        return ExitCode.WrongUsage;
    }
}
