using System.CommandLine;
using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;
using TrakFast.Cli.Arguments;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Doctor;
using TrakFast.Cli.Formatting;
using TrakFast.Cli.Parsing;

namespace TrakFast.Cli.Commands;

/// <summary><c>trakfast doctor</c>: what this machine offers, what is active, and why the rest is not.</summary>
internal static class DoctorCommand
{
    /// <summary>The command, ready to be added to the root.</summary>
    public static Command Create(ToolServices services)
    {
        Option<string?> saveDirectory = new("--save-dir")
        {
            Description = "Also check that this save directory can be written.",
            HelpName = "DIR",
        };
        Option<string?> model = new("--model")
        {
            Description = "Also say what this model reads and yields, its parameters, and what memory a run with it takes.",
            HelpName = "FILE"
        };
        Option<string?> parameters = RunOptions.Parameters();
        Option<bool> verbose = new("--verbose")
        {
            Description = "Also list each of the model's arrays that a gradient reaches, for --model.",
        };
        Option<int> batchSize = RunOptions.AtLeastOne("--batch-size", "Examples that run at once, for --model.", 32);
        Option<int> dimension = RunOptions.AtLeastOne(
            "--projection-dim", "Projection dimension k, for --model.", new TrakOptions().ProjectionDimension);
        Option<string[]> gradientOf = TrakOptionSet.GradientOf();
        Option<IReadOnlyList<NamedShape>> shapes = RunOptions.Listed(
            "--shape", "NAME=SIZES", "One example's sizes of an input that the model leaves open, for --model: input_ids=128.",
            NamedShape.ParseAll, required: false);
        Option<ExampleFiles> data = RunOptions.Examples("--data", "Also show the first rows of this data and, with --model, what the model will read of them.");
        DataOptionSet choice = new();
        Command command = new(
            "doctor",
            "Show what this machine offers and whether files can be written; with --model, whether a model can be run and what it takes.")
        {
            saveDirectory, data, model, parameters, verbose, batchSize, dimension, gradientOf, shapes,
        };
        choice.AddTo(command);
        Option<string?> libtorch = EngineOptionSet.Libtorch();
        if (services.Torch is not null) command.Add(libtorch);
        command.SetAction((parsed, cancellationToken) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (services.Torch is { } torch && parsed.GetValue(libtorch) is { } directory) torch.UseLibraries(directory);
            IReadOnlyList<NamedShape> known = [];
            if (parsed.GetRequiredValue(data) is { IsGiven: true } files)
            {
                if (files.Sources.Count == 0) throw new TrakException("--data shows rows of a folder or a file; arrays of NPY files are read as they are.");
                known = new DataCheck(files.Sources, choice.Read(parsed), parsed.GetValue(model)).Write(services.Console,
                    cancellationToken);
            }

            IReadOnlyList<NamedShape> given = parsed.GetValue(shapes) ?? [];
            ModelCheck? check = parsed.GetValue(model) is not { } file ? null : new ModelCheck
            {
                Model = file,
                Parameters = parsed.GetValue(parameters),
                Verbose = parsed.GetValue(verbose),
                BatchSize = parsed.GetValue(batchSize),
                ProjectionDimension = parsed.GetValue(dimension),
                GradientOf = parsed.GetValue(gradientOf) ?? [],
                Shapes = [.. given, .. known.Where(k => given.All(g => g.Name != k.Name))],
            };
            return Task.FromResult(Examine(services, parsed.GetValue(saveDirectory), check));
        });
        return command;
    }

    private static int Examine(ToolServices services, string? saveDirectory, ModelCheck? model)
    {
        if (model is not null)
        {
            ModelFacts facts = model.Find();
            services.Console.Table(facts.Summary);
            foreach (string line in facts.Lines) services.Console.Line(line);
            if (facts.Arrays is { } arrays) services.Console.Table(arrays);
            services.Console.Line();
        }

        services.Console.Table(Machine());
        services.Console.Line();
        services.Console.Table(Parts(services.FindComponents()));
        services.Console.Line();

        List<(string Use, DirectoryCheck Check)> directories = [("temporary", DirectoryCheck.Of(Path.GetTempPath()))];
        if (saveDirectory is not null) directories.Add(("save", DirectoryCheck.Of(saveDirectory)));
        services.Console.Table(Directories(directories));

        if (directories.FirstOrDefault(static d => !d.Check.IsWritable) is { Check: not null } refused)
            throw new TrakException($"The {refused.Use} directory '{refused.Check.Path}' cannot be written: {refused.Check.Detail}");
        return ExitCode.Done;
    }

    private static ToolTable Machine()
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo();
        IReadOnlyList<string> sets = SimdSupport.Sets();
        ToolTable table = new("Machine", "Value");
        table.Add("TrakFast", typeof(DoctorCommand).Assembly.GetName().Version?.ToString(3) ?? "unknown");
        table.Add("Runtime", $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");
        table.Add("System", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}");
        table.Add("Processors", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture));
        table.Add("Vectors", SimdSupport.Widest());
        table.Add("Instruction sets", sets.Count == 0 ? "none (scalar code)" : string.Join(", ", sets));
        table.Add("Memory", $"{ByteText.Of(memory.TotalAvailableMemoryBytes)} for this process");
        table.Add("Garbage collector", GCSettings.IsServerGC ? "server" : "workstation");
        return table;
    }

    private static ToolTable Parts(IEnumerable<Component> components)
    {
        ToolTable table = new("Part", "Name", "Active", "Detail");
        foreach (Component part in components) table.Add(part.Kind, part.Name, part.IsActive ? "yes" : "no", part.Detail);
        return table;
    }

    private static ToolTable Directories(IEnumerable<(string Use, DirectoryCheck Check)> directories)
    {
        ToolTable table = new("Directory", "Path", "Writable", "Detail");
        foreach ((string use, DirectoryCheck check) in directories)
            table.Add(use, check.Path, check.IsWritable ? "yes" : "no", check.Detail);
        return table;
    }
}
