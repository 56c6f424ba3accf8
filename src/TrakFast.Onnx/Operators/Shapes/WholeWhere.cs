namespace TrakFast.Onnx;

/// <summary>A choice between whole numbers, as shape arithmetic makes it.</summary>
internal sealed class WholeWhere(GraphNode node) : Operator(node, inputs: 3)
{
    public override void Forward(ForwardContext context)
    {
        Tensor condition = context.Any(0), a = context.Any(1), b = context.Any(2);
        if (!condition.IsInteger || !a.IsInteger || !b.IsInteger) throw Refuse("chooses between floating-point numbers; only whole numbers are supported");
        if (condition.Batched || a.Batched || b.Batched) throw Refuse("chooses by example; only numbers that all examples share are supported");
        long[] shape;
        try
        {
            shape = HostBroadcast.Shape(HostBroadcast.Shape(condition.Shape, a.Shape), b.Shape);
        }
        catch (TrakException error)
        {
            throw Refuse($"chooses between {a} and {b} by {condition}, which do not broadcast ({error.Message.TrimEnd('.')})");
        }

        int[] c = HostBroadcast.Places(condition.Shape, shape), placesA = HostBroadcast.Places(a.Shape, shape), placesB = HostBroadcast.Places(b.Shape, shape);
        long[] values = new long[c.Length];
        bool[] counted = new bool[c.Length];
        for (int i = 0; i < c.Length; i++)
        {
            (Tensor from, int place) = condition.Integers[c[i]] != 0 ? (a, placesA[i]) : (b, placesB[i]);
            values[i] = from.Integers[place];
            counted[i] = WholeNumbers.IsCounted(from, place) || WholeNumbers.IsCounted(condition, c[i]);
        }

        context.SetIntegers(values, shape, batched: false, counted);
    }

    public override void Backward(BackwardContext context)
    {
    }
}
