using TrakFast.Onnx.Programs;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>Operators along one axis.</summary>
internal static class TorchRows
{
    public static Tensor Exponentials(TorchStep step)
    {
        AxisFacts operation = step.Facts<AxisFacts>();
        Tensor x = step[0];
        if (x.numel() == 0) return x.alias();

        // torch's kernel for the last axis is several times as fast.
        Tensor rows = operation.Inner == 1 ? x.reshape(-1, operation.Along) : x.reshape(-1, operation.Along, operation.Inner);
        Tensor y = step.Node.OpType switch
        {
            "Softmax" => rows.softmax(1),
            "LogSoftmax" => rows.log_softmax(1),
            _ => zeros_like(rows).scatter(1, rows.argmax(1, keepdim: true), ones_like(rows)),
        };
        return y.reshape(x.shape);
    }

    public static Tensor ArgMax(TorchStep step)
    {
        int axis = Axis(step, 0);
        Tensor x = step[0].detach();
        bool last = step.Node.Integer("select_last_index", 0) != 0;
        if (last) x = x.flip(axis);
        Tensor places = step.Node.OpType == "ArgMin" ? x.argmin(axis, keepdim: true) : x.argmax(axis, keepdim: true);
        if (last) places = x.shape[axis] - 1 - places;
        return places.to_type(ScalarType.Float32).reshape([x.shape[0], .. step.Output.Shape]);
    }

    /// <summary>The largest or smallest elements, or their places; of equal ones the first.</summary>
    public static Tensor TopK(TorchStep step)
    {
        int axis = Axis(step, -1);
        (Tensor values, Tensor places) = step[0].sort(axis, descending: step.Node.Integer("largest", 1) != 0, stable: true);
        bool second = step.Node.HasOutput(1) && step.Node.Outputs[1] == step.Output.Name;
        return (second ? places.to_type(ScalarType.Float32) : values).narrow(axis, 0, (long)step.Known(1)[0]);
    }

    public static Tensor CumSum(TorchStep step)
    {
        long given = (long)step.Known(1)[0];
        long axis = (given < 0 ? given + step.Output.Rank : given) + 1;
        bool exclusive = step.Node.Integer("exclusive", 0) != 0, reverse = step.Node.Integer("reverse", 0) != 0;
        Tensor x = reverse ? step[0].flip(axis) : step[0];
        long[] shape = x.shape;
        if (exclusive && shape[axis] > 0)
        {
            // Without itself: what came before, and nothing before the first.
            Tensor before = x.narrow(axis, 0, shape[axis] - 1);
            shape[axis] = 1;
            x = cat([zeros(shape, dtype: x.dtype, device: x.device), before], axis);
        }

        Tensor sums = x.cumsum(axis);
        return reverse ? sums.flip(axis) : sums;
    }

    private static int Axis(TorchStep step, int absent)
    {
        long axis = step.Node.Integer("axis", absent);
        return (int)(axis < 0 ? axis + step.Of(0).Rank : axis) + 1;
    }
}
