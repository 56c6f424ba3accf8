using System.CommandLine;
using System.Globalization;
using TrakFast.Cli.Engines;

namespace TrakFast.Cli.Parsing;

/// <summary>The options that choose what runs a model.</summary>
internal sealed class EngineOptionSet
{
    private readonly ITorchEngine? _torch;
    private readonly Option<string> _engine;
    private readonly Option<string> _device = new("--device")
    {
        Description = "Where torch runs the model: cpu, cuda or cuda:N [default: a GPU where there is one].",
        HelpName = "cpu|cuda[:N]"
    };
    private readonly Option<string?> _libtorch = Libtorch();
    private readonly Option<bool> _mixEngines = new("--mix-engines")
    {
        Description = "Go on with another engine, or another type of its passes, than a run began with; their features differ by rounding.",
    };

    /// <summary>Creates the options.</summary>
    /// <param name="torch">torch's engine; null in a tool without it.</param>
    public EngineOptionSet(ITorchEngine? torch)
    {
        _torch = torch;
        string words = torch is null
            ? "What runs the model: managed code. trakfast-torch has torch's engine too."
            : "What runs the model: managed code, or torch. auto is torch where it finds a GPU, managed otherwise.";
        _engine = WordOption.Of("--engine", words, EngineChoice.Auto, EngineChoice.Auto, EngineChoice.Managed, EngineChoice.InTorch);
        _device.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: string device }] && !IsDevice(device))
                result.AddError($"--device must be cpu, cuda or cuda:N; it is {device}.");
        });
    }

    /// <summary>Where libtorch is, for tools that have its engine.</summary>
    public static Option<string?> Libtorch() => new("--libtorch")
    {
        Description = "Folder to load libtorch from, such as a Python installation's torch/lib [default: "
            + "TRAKFAST_LIBTORCH, or what the build brought].",
        HelpName = "DIR",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_engine);
        command.Add(_device);
        command.Add(_mixEngines);
        if (_torch is not null) command.Add(_libtorch);
    }

    /// <summary>Whether engines may be mixed in one run.</summary>
    public bool MayMix(ParseResult parsed) => parsed.GetValue(_mixEngines);

    /// <summary>What was given.</summary>
    /// <exception cref="TrakException">The folder that was given does not hold libtorch.</exception>
    public EngineChoice Read(ParseResult parsed)
    {
        if (_torch is not null && parsed.GetValue(_libtorch) is { } directory) _torch.UseLibraries(directory);
        return new EngineChoice(parsed.GetRequiredValue(_engine), parsed.GetValue(_device) ?? EngineChoice.Auto, _torch);
    }

    private static bool IsDevice(string device) => device is "cpu" or "cuda"
        || (device.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(device[5..], NumberStyles.None, CultureInfo.InvariantCulture, out _));
}
