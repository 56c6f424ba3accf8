using System.CommandLine;
using TrakFast.Cli.Bench;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Parsing;
using TrakFast.Kernels;

namespace TrakFast.Cli.Commands;

/// <summary><c>trakfast bench</c>: how fast this machine featurizes, beside what it could do at best.</summary>
internal static class BenchCommand
{
    /// <summary>The command, ready to be added to the root.</summary>
    public static Command Create(ToolServices services)
    {
        Option<int> threads = RunOptions.AtLeastOne("--threads", "Threads.", Environment.ProcessorCount);
        Option<int> dimension = RunOptions.AtLeastOne("--projection-dim", "Projection dimension k.", new TrakOptions().ProjectionDimension);
        Option<int> rounds = RunOptions.AtLeastOne("--rounds", "Rounds in which everything is timed in turn; the median counts.", 5);
        Command command = new(
            "bench",
            "Time kernels and two networks on this machine, beside the peak of its multipliers and beside "
            + "OpenBLAS where that is found. Takes about a minute.")
        {
            threads, dimension, rounds,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            BenchTables tables = new(
                new Workers(parsed.GetValue(threads)), parsed.GetValue(dimension), parsed.GetValue(rounds), cancellationToken);
            OpenBlas.SetThreads(parsed.GetValue(threads));
            services.Console.Table(tables.Machine());
            services.Console.Line();
            services.Console.Table(tables.Kernels());
            services.Console.Line();
            services.Console.Table(tables.Network("ResNet-9, 2.27 M parameters, 3×32×32", SampleNetworks.ResNet9(), 32));
            services.Console.Line();
            services.Console.Table(tables.Network("Transformer encoder, 13.1 M parameters, T = 128", SampleNetworks.SmallBert(), 16));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
