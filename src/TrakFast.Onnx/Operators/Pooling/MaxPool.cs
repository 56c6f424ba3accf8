using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Onnx;

/// <summary>The largest element of each window, the first where several are; pads never win.</summary>
internal sealed unsafe class MaxPool : Pool
{
    public MaxPool(NodeBuilder node)
        : base(node, includePads: false, saves: true)
    {
        if (node.Node.Integer("storage_order", 0) != 0) throw node.Refuse("has storage_order 1; only 0 is supported");
    }

    protected override void Forward(Window window, float* x, float* y, int* saved)
    {
        for (int output = Avx2.IsSupported && window.Even > 0 ? ForwardEights(window, x, y, saved) : 0; output < window.Count; output++)
        {
            int best = -1;
            float largest = float.NegativeInfinity;
            foreach (int place in window[output])
            {
                // A value that is not a number wins, so that it does not vanish.
                if (best >= 0 && !(x[place] > largest) && !float.IsNaN(x[place])) continue;
                largest = x[place];
                best = place;
            }

            y[output] = largest;
            saved[output] = best;
        }
    }

    protected override void Backward(Window window, float* delta, int* saved, float* gradient)
    {
        for (int output = 0; output < window.Count; output++)
        {
            if (saved[output] >= 0) gradient[saved[output]] += delta[output];
        }
    }

    /// <summary>
    /// Eight outputs at a time, without a branch: which element is the largest is as good as random, and a wrong guess
    /// costs more than the comparison. Returns how many outputs it did.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int ForwardEights(Window window, float* x, float* y, int* saved)
    {
        int count = window.Count, output = 0;
        fixed (int* turns = window.ByTurn)
        {
            for (; output <= count - 8; output += 8)
            {
                Vector256<int> best = Vector256.Load(turns + output);
                Vector256<float> largest = Avx2.GatherVector256(x, best, sizeof(float));
                for (int turn = 1; turn < window.Even; turn++)
                {
                    Vector256<int> place = Vector256.Load(turns + ((long)turn * count) + output);
                    Vector256<float> value = Avx2.GatherVector256(x, place, sizeof(float));
                    Vector256<float> wins = Vector256.GreaterThan(value, largest) | ~Vector256.Equals(value, value);
                    largest = Vector256.ConditionalSelect(wins, value, largest);
                    best = Vector256.ConditionalSelect(wins.AsInt32(), place, best);
                }

                largest.Store(y + output);
                best.Store(saved + output);
            }
        }

        return output;
    }
}
