using TrakFast.TorchSharp;
using TrakFast.TorchSharp.Sample;

if (!TorchLibrary.IsAvailable(out string detail))
{
    Console.Error.WriteLine($"{detail}.");
    return 1;
}

switch (args)
{
    case [] or ["resnet"]: await ResNetSample.RunAsync().ConfigureAwait(false); return 0;
    case ["clip"]: await ClipSample.RunAsync().ConfigureAwait(false); return 0;
    default:
        Console.Error.WriteLine($"Say resnet or clip, not {string.Join(' ', args)}.");
        return 2;
}
