using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrakFast.Benchmarks.Torch;

/// <summary>The ResNet-9 of the sample networks as a TorchSharp module.</summary>
internal sealed class TorchResNet9 : nn.Module<Tensor, Tensor>
{
    private readonly Sequential _layer0 = Unit(3, 64),
        _layer1 = Unit(64, 128, 5, 2, 2),
        _layer2 = nn.Sequential(Unit(128, 128), Unit(128, 128));
    private readonly Sequential _layer3 = Unit(128, 256),
        _layer4 = nn.Sequential(Unit(256, 256), Unit(256, 256)),
        _layer5 = Unit(256, 128, padding: 0);
    private readonly Linear _head = nn.Linear(128, 10, hasBias: false);

    public TorchResNet9()
        : base(nameof(TorchResNet9))
    {
        RegisterComponents();
        eval();
    }

    public override Tensor forward(Tensor input)
    {
        Tensor x = _layer1.call(_layer0.call(input));
        x = nn.functional.max_pool2d(_layer3.call(x + _layer2.call(x)), 2);
        return _head.call(_layer5.call(x + _layer4.call(x)).amax([2, 3]));
    }

    private static Sequential Unit(long inputs, long outputs, long kernel = 3, long stride = 1, long padding = 1) =>
        nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, padding, bias: false), nn.BatchNorm2d(outputs), nn.ReLU());
}
