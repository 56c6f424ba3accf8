using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp.Sample;

/// <summary>A ResNet for pictures of 8×8: a stem and two residual blocks.</summary>
internal sealed class SmallResNet : nn.Module<Tensor, Tensor>
{
    private readonly Sequential _stem = Unit(1, 16), _first = nn.Sequential(Unit(16, 16), Unit(16, 16)), _down = Unit(16, 32, stride: 2);
    private readonly Sequential _second = nn.Sequential(Unit(32, 32), Unit(32, 32));
    private readonly Linear _head = nn.Linear(32, 10);

    public SmallResNet()
        : base(nameof(SmallResNet)) => RegisterComponents();

    public override Tensor forward(Tensor input)
    {
        Tensor x = _stem.call(input);
        x = _down.call(x + _first.call(x));
        x += _second.call(x);
        return _head.call(x.mean([2, 3]));
    }

    private static Sequential Unit(long inputs, long outputs, long stride = 1) =>
        nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias: false), nn.BatchNorm2d(outputs), nn.ReLU(inplace: true));
}
