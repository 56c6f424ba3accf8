using System.CommandLine;
using System.Globalization;
using TrakFast.Cli.Engines;

namespace TrakFast.Cli.Parsing;

/// <summary>The options that choose what runs a model.</summary>
internal sealed class EngineOptionSet
{
    private readonly Option<string> _engine = WordOption.Of("--engine", "What runs the model: managed code, or torch. auto is torch where it finds a GPU, managed otherwise.", EngineChoice.Auto, EngineChoice.Auto, "managed", "torch");
    private readonly Option<string> _device = new("--device") { Description = "Where torch runs the model: cpu, cuda or cuda:N [default: a GPU where there is one].", HelpName = "cpu|cuda[:N]" };

    /// <summary>Creates the options.</summary>
    public EngineOptionSet() => _device.Validators.Add(static result =>
    {
        if (result.Tokens is [{ Value: string device }] && !IsDevice(device)) result.AddError($"--device must be cpu, cuda or cuda:N; it is {device}.");
    });

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_engine);
        command.Add(_device);
    }

    /// <summary>What was given.</summary>
    public EngineChoice Read(ParseResult parsed) => new(parsed.GetRequiredValue(_engine), parsed.GetValue(_device) ?? EngineChoice.Auto);

    private static bool IsDevice(string device) => device is "cpu" or "cuda"
        || (device.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(device[5..], NumberStyles.None, CultureInfo.InvariantCulture, out _));
}
