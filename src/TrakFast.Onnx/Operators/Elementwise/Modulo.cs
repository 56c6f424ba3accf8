namespace TrakFast.Onnx;

/// <summary>The remainder of whole numbers known beforehand, with the divisor's sign or, as in C, with the dividend's.</summary>
internal sealed class Modulo : Binary<ModuloFunction>
{
    public Modulo(NodeBuilder node)
        : base(node, Remainder(node))
    {
        if (node.Output!.Numbers is null && (!node.Output.Whole || node.Node.Integer("fmod", 0) != 0))
            throw node.Refuse("takes a remainder as in C, or of floating-point numbers; only whole numbers are supported");
    }

    public override void Backward(BackwardContext context)
    {
    }

    private static Func<long, long, long> Remainder(NodeBuilder node)
    {
        bool asInC = node.Node.Integer("fmod", 0) != 0;
        return (a, b) =>
        {
            if (b == 0) throw node.Refuse("divides a whole number by 0");
            long rest = b == -1 ? 0 : a % b;
            return !asInC && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
        };
    }
}

/// <summary>a − b·⌊a/b⌋.</summary>
internal readonly struct ModuloFunction : IBinaryFunction
{
    public static System.Numerics.Vector<float> Invoke(System.Numerics.Vector<float> a, System.Numerics.Vector<float> b) =>
        a - (b * System.Numerics.Vector.Floor(a / b));
}
