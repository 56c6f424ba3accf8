using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>The input elements that one output of a pool sees, as places in a channel's plane.</summary>
internal sealed class Window
{
    private readonly int[][] _places;

    /// <param name="geometry">The pool as a convolution's geometry.</param>
    /// <param name="countedEnd">Trailing pads up to which taps in the pads count towards the divisor; null where none does.</param>
    public Window(ConvolutionGeometry geometry, int[]? countedEnd)
    {
        int axes = geometry.Kernel.Count;
        _places = new int[geometry.OutputSize][];
        Divisors = new float[geometry.OutputSize];
        List<int> seen = [];
        for (int output = 0; output < _places.Length; output++)
        {
            seen.Clear();
            int divisor = 0;
            for (int tap = 0; tap < geometry.KernelSize; tap++)
            {
                int outputRest = output, tapRest = tap, place = 0, stride = 1;
                bool inside = true, padded = true;
                for (int axis = axes - 1; axis >= 0; axis--)
                {
                    (outputRest, int o) = Math.DivRem(outputRest, geometry.Output[axis]);
                    (tapRest, int k) = Math.DivRem(tapRest, geometry.Kernel[axis]);
                    int at = (o * geometry.Strides[axis]) - geometry.PadsBegin[axis] + (k * geometry.Dilations[axis]);
                    inside &= at >= 0 && at < geometry.Input[axis];
                    padded &= countedEnd is not null && at < geometry.Input[axis] + countedEnd[axis];
                    place += at * stride;
                    stride *= geometry.Input[axis];
                }

                if (inside) seen.Add(place);
                if (inside || padded) divisor++;
            }

            _places[output] = [.. seen];
            Divisors[output] = Math.Max(divisor, 1);
        }

        Even = _places.Length > 0 && _places[0].Length > 0 && _places.All(places => places.Length == _places[0].Length)
            ? _places[0].Length
            : 0;
        if (Even > 0) ByTurn = [.. Enumerable.Range(0, Even).SelectMany(turn => _places.Select(places => places[turn]))];
    }

    /// <summary>How many places every output sees, where all see as many; otherwise 0.</summary>
    public int Even { get; }

    /// <summary>Where they do, the first place of every output, then the second, and so on: [Even, P].</summary>
    public int[] ByTurn { get; } = [];

    /// <summary>Number of outputs P.</summary>
    public int Count => _places.Length;

    /// <summary>What each output's sum is divided by for a mean.</summary>
    public float[] Divisors { get; }

    /// <summary>The places an output sees, in the kernel's order.</summary>
    public ReadOnlySpan<int> this[int output] => _places[output];
}
