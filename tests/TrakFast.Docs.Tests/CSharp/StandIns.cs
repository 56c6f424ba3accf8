using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrakFast.Docs.Tests.CSharp;

/// <summary>What pages leave to their readers: a trained network, its data, memory on a device.</summary>
public static class StandIns
{
    /// <summary>A network in evaluation mode: pictures of 8×8 to three classes.</summary>
    public static nn.Module<Tensor, Tensor> network => Network();

    /// <summary>Train set size.</summary>
    public static readonly long n = 10;

    /// <summary>Examples of a batch.</summary>
    public static readonly int batchSize = 4;

    /// <summary>Numbers of an example's gradient.</summary>
    public static readonly int length = 1000;

    /// <summary>Projection dimension.</summary>
    public static readonly int k = 64;

    /// <summary>Memory on a device.</summary>
    public static readonly nint devicePointer;

    /// <summary>A training set in files.</summary>
    public static NpyDataset train => NpyDataset.Open([("image", "train.image.npy"), ("label", "train.label.npy")]);

    /// <summary>A checkpoint in a file.</summary>
    public static Checkpoint checkpoint => SafetensorsFile.Read("checkpoint_0.safetensors");

    /// <summary>The training set, in order.</summary>
    public static DataLoader loader => new(new Pictures(), 4);

    private static nn.Module<Tensor, Tensor> Network()
    {
        nn.Module<Tensor, Tensor> module = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 6 * 6, 3));
        module.eval();
        return module;
    }

    private sealed class Pictures : utils.data.Dataset
    {
        public override long Count => n;

        public override Dictionary<string, Tensor> GetTensor(long index) =>
            new() { ["image"] = full(1, 8, 8, 0.1f * (index + 1)), ["label"] = tensor(index % 3) };
    }
}
