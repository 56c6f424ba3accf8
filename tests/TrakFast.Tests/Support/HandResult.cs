using TrakFast.Onnx;

namespace TrakFast.Tests.Support;

/// <summary>Outputs of a network that is not there: given arrays, as variables of the managed engine.</summary>
internal sealed class HandResult : ModelResult
{
    private readonly (string Name, Variable Value)[] _outputs;

    public HandResult(params (string Name, DataArray Values)[] outputs) =>
        _outputs = [.. outputs.Select(static o => (o.Name, Leaf(o.Values)))];

    public override IReadOnlyList<string> Names => [.. _outputs.Select(static o => o.Name)];

    public override Variable this[string name] => _outputs.First(o => o.Name == name).Value;

    /// <summary>A variable that no operation made.</summary>
    public static Variable Leaf(DataArray values)
    {
        GraphBuilder net = new("nothing");
        using OnnxModel model = new(net.Output(net.Input("x", 1)).Build());

        // The pass lives as long as its variable, whoever holds that.
        return model.Forward(new Batch(("x", DataArray.From([0f], 1, 1)))).First.Constant(values);
    }

    /// <summary>A variable that no operation made.</summary>
    public static Variable Leaf(float[] values, params long[] shape) => Leaf(DataArray.From(values, shape));

    protected override void Dispose(bool disposing)
    {
    }
}
