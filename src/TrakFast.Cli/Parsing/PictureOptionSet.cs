using System.CommandLine;
using System.CommandLine.Parsing;
using TrakFast.Datasets;

namespace TrakFast.Cli.Parsing;

/// <summary>The options that say how pictures are prepared: a file of Hugging Face's, or torchvision's steps.</summary>
internal sealed class PictureOptionSet
{
    private readonly Option<string?> _file = new("--preprocess")
    {
        Description = "How pictures are prepared: Hugging Face's preprocessor_config.json.",
        HelpName = "FILE",
    };
    private readonly Option<int[]> _resize = Sizes(
        "--resize", "Resize pictures with antialiasing: N for the shorter side, as torchvision's Resize; H W for both.");
    private readonly Option<int[]> _crop = Sizes("--crop", "Cut out the middle: N for a square, H W for both sides.");
    private readonly Option<string> _interpolation = WordOption.Of(
        "--interpolation", "How --resize fills in.", "bilinear", "nearest", "box", "bilinear", "hamming", "bicubic", "lanczos");
    private readonly Option<double?> _rescale = NumberOption.Optional<double>(
        "--rescale", "N", "Multiplies pixels of 0 to 255 [default: 1/255 = 0.00392157].", "a finite number other than 0",
        static value => double.IsFinite(value) && value != 0);
    private readonly Option<double[]> _mean = Values("--mean", "Subtracted from each channel after that: one number, or one for each channel.");
    private readonly Option<double[]> _std = Values("--std", "Divides each channel then: one number, or one for each channel.");
    private readonly Option<bool> _grayscale = new("--grayscale") { Description = "Pictures in gray, one channel." };
    private readonly Option<bool> _asStored = new("--as-stored")
    {
        Description = "Leave pictures as they are stored, as torchvision does, and do not turn them as their EXIF data say.",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _file, _resize, _crop, _interpolation, _rescale, _mean, _std, _grayscale,
            _asStored }) command.Add(option);
        command.Validators.Add(result =>
        {
            Option? other = new Option[] { _resize, _crop, _interpolation, _rescale, _mean, _std, _grayscale }.FirstOrDefault(o =>
                IsGiven(result, o));
            if (IsGiven(result, _file) && other is not null) result.AddError($"--preprocess and {other.Name} exclude each other; give one.");
            if (IsGiven(result, _mean) != IsGiven(result, _std)) result.AddError("--mean and --std belong together; give both.");
        });
    }

    /// <summary>Whether pictures are left as they are stored.</summary>
    public bool AsStored(ParseResult parsed) => parsed.GetValue(_asStored);

    /// <summary>What was given; null for nothing.</summary>
    /// <exception cref="TrakException">The file cannot be used, or the numbers do not go together.</exception>
    public PicturePreprocessing? Read(ParseResult parsed)
    {
        if (parsed.GetValue(_file) is { } file) return PicturePreprocessing.FromJson(file);
        (int[] resize, int[] crop) = (parsed.GetValue(_resize) ?? [], parsed.GetValue(_crop) ?? []);
        (double[] mean, double[] std) = (parsed.GetValue(_mean) ?? [], parsed.GetValue(_std) ?? []);
        (double? rescale, bool gray) = (parsed.GetValue(_rescale), parsed.GetValue(_grayscale));
        if (resize.Length + crop.Length + mean.Length == 0 && rescale is null && !gray) return null;
        return new PicturePreprocessing
        {
            Size = resize switch { [] => null, [int edge] => PictureSize.ShorterEdge(edge), _ => PictureSize.Exact(resize[0], resize[1]) },
            Resampling = Enum.Parse<PictureResampling>(parsed.GetRequiredValue(_interpolation), ignoreCase: true),
            Crop = crop switch { [] => null, [int edge] => new PictureCrop(edge, edge), _ => new PictureCrop(crop[0], crop[1]) },
            Grayscale = gray,
            RescaleFactor = rescale ?? 1 / 255.0,
            Mean = mean,
            Std = std,
        };
    }

    private static bool IsGiven(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };

    private static Option<int[]> Sizes(string name, string description)
    {
        Option<int[]> option = NumberOption.List<int>(name, "N", description, "one or two whole numbers of 1 or more", static value => value >= 1);
        option.Arity = new ArgumentArity(1, 2);
        return option;
    }

    private static Option<double[]> Values(string name, string description)
    {
        Option<double[]> option = NumberOption.List<double>(name, "N", description, "one or three finite numbers", double.IsFinite);
        option.Arity = new ArgumentArity(1, 3);
        return option;
    }
}
