using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using TrakFast.Cli.Commands;
using TrakFast.Cli.Consoles;

namespace TrakFast.Cli;

/// <summary>The whole tool as one call: arguments and streams in, exit code out. Tests call it in-process.</summary>
internal static class TrakFastTool
{
    /// <summary>Parses the arguments, runs the command and turns whatever goes wrong into one sentence and an exit code.</summary>
    public static int Run(string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken = default)
    {
        ToolServices services = ToolServices.Compose(ToolConsole.For(output), output, error);
        return Run(CreateRootCommand(services), args, services, cancellationToken);
    }

    /// <summary>The same for commands chosen by the caller.</summary>
    public static int Run(RootCommand root, string[] args, ToolServices services, CancellationToken cancellationToken = default)
    {
        ParseResult parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction || (parsed.Action is null && parsed.Errors.Count > 0))
            return ReportWrongUsage(parsed, services.Error);

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
    public static RootCommand CreateRootCommand(ToolServices services) =>
        new("TRAK data attribution: which training examples made this model do that.")
        {
            QuickstartCommand.Create(services),
            RunCommand.Create(services),
            TopCommand.Create(services),
            ReportCommand.Create(services),
            EvalCommand.Create(services),
            DoctorCommand.Create(services),
            BenchCommand.Create(services),
        };

    private static int ReportWrongUsage(ParseResult parsed, TextWriter error)
    {
        string command = parsed.CommandResult.Command is RootCommand ? string.Empty : $" {parsed.CommandResult.Command.Name}";
        ParseError worst = parsed.Errors.FirstOrDefault(e => parsed.UnmatchedTokens.Any(t => e.Message.Contains($"'{t}'", StringComparison.Ordinal)))
            ?? parsed.Errors[0];
        error.WriteLine(Failure.OneLine(worst.Message));
        error.WriteLine($"Run 'trakfast{command} --help' to see what is accepted.");
        return ExitCode.WrongUsage;
    }
}
