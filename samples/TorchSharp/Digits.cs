using static TorchSharp.torch;

namespace TrakFast.TorchSharp.Sample;

/// <summary>The UCI digits: 1,000 pictures to train on and 200 to explain.</summary>
internal sealed class Digits
{
    /// <summary>Training pictures n.</summary>
    public const int TrainCount = 1000;

    /// <summary>Targets m.</summary>
    public const int TargetCount = 200;

    private Digits(Tensor images, Tensor labels)
    {
        Train = new DigitSet(images.narrow(0, 0, TrainCount), labels.narrow(0, 0, TrainCount));
        Targets = new DigitSet(images.narrow(0, TrainCount, TargetCount), labels.narrow(0, TrainCount, TargetCount));
    }

    /// <summary>What the network learns from.</summary>
    public DigitSet Train { get; }

    /// <summary>What is explained.</summary>
    public DigitSet Targets { get; }

    /// <summary>Reads the files beside the program.</summary>
    public static Digits Read()
    {
        DataArray images = NpyFile.Read(Path.Combine(AppContext.BaseDirectory, "digits.images.npy"));
        DataArray labels = NpyFile.Read(Path.Combine(AppContext.BaseDirectory, "digits.labels.npy"));
        return new Digits(tensor(images.ToFloats()).reshape(-1, 1, 8, 8) / 16, tensor(labels.ToLongs()));
    }
}

/// <summary>Pictures [n, 1, 8, 8] with their labels [n], as a data loader of TorchSharp reads them.</summary>
internal sealed class DigitSet(Tensor images, Tensor labels) : utils.data.Dataset
{
    /// <summary>All pictures.</summary>
    public Tensor Images { get; } = images;

    /// <summary>All labels.</summary>
    public Tensor Labels { get; } = labels;

    /// <inheritdoc/>
    public override long Count => Images.shape[0];

    /// <summary>The label of one picture.</summary>
    public long LabelOf(long index) => Labels[index].item<long>();

    /// <inheritdoc/>
    public override Dictionary<string, Tensor> GetTensor(long index) => new() { ["image"] = Images[index], ["label"] = Labels[index] };
}
