namespace TrakFast.Onnx;

/// <content>Operations along an axis. Every sum runs in the axis's order, in float64.</content>
internal sealed partial class HostVariable
{
    /// <inheritdoc/>
    public override Variable Sum()
    {
        double sum = 0;
        foreach (float value in Values) sum += value;
        return Result([(float)sum], [], Back, this);

        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[] back = _arrays.Floats(Values.Length);
            Array.Fill(back, gradient[0]);
            return [back];
        }
    }

    /// <inheritdoc/>
    public override Variable Sum(int axis, bool keepAxis = false) => Average(Axis(axis), keepAxis, 1);

    /// <inheritdoc/>
    public override Variable Mean(int axis, bool keepAxis = false) => Average(Axis(axis), keepAxis, _shape[Axis(axis)]);

    /// <inheritdoc/>
    public override Variable LogSumExp(int axis, DataArray? without = null)
    {
        axis = Axis(axis);
        (int outer, int along, int inner) = Split(axis);
        long[]? left = without is null ? null : Positions(without, axis);
        float[] y = _arrays.Floats(outer * inner);
        for (int o = 0; o < outer; o++)
        {
            for (int i = 0; i < inner; i++)
            {
                int at = (o * inner) + i;
                y[at] = LogSumExp(First(o, along, inner, i), along, inner, left is null ? -1 : left[at]);
            }
        }

        return Result(y, Without(axis, keepAxis: false), Back, this);

        // ∂/∂x_j = e^(x_j − y); where every element is −∞, or nothing asks for a gradient, there is nothing to share out.
        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[] back = _arrays.Floats(Values.Length);
            for (int o = 0; o < outer; o++)
            {
                for (int i = 0; i < inner; i++)
                {
                    int at = (o * inner) + i;
                    if (float.IsNegativeInfinity(y[at]) || gradient[at] == 0) continue;
                    int first = First(o, along, inner, i);
                    if (inner == 1) RowExponents.Write(Values.AsSpan(first, along), y[at], gradient[at], back.AsSpan(first, along));
                    else
                        for (int j = 0; j < along; j++)
                            back[first + (j * inner)] = gradient[at] * MathF.Exp(Values[first + (j * inner)] - y[at]);
                    if (left is not null) back[first + ((int)left[at] * inner)] = 0;
                }
            }

            return [back];
        }
    }

    /// <inheritdoc/>
    public override Variable Softmax(int axis)
    {
        axis = Axis(axis);
        (int outer, int along, int inner) = Split(axis);
        float[] y = _arrays.Floats(Values.Length);
        for (int o = 0; o < outer; o++)
        {
            for (int i = 0; i < inner; i++)
            {
                int first = First(o, along, inner, i);
                float total = LogSumExp(first, along, inner, without: -1);
                for (int j = 0; j < along; j++) y[first + (j * inner)] = MathF.Exp(Values[first + (j * inner)] - total);
            }
        }

        return Result(y, _shape, Back, this);

        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[] back = _arrays.Floats(Values.Length);
            for (int o = 0; o < outer; o++)
            {
                for (int i = 0; i < inner; i++)
                {
                    int first = First(o, along, inner, i);
                    double dot = 0;
                    for (int j = 0; j < along; j++) dot += (double)gradient[first + (j * inner)] * y[first + (j * inner)];
                    for (int j = 0; j < along; j++)
                    {
                        int at = first + (j * inner);
                        back[at] = y[at] * (gradient[at] - (float)dot);
                    }
                }
            }

            return [back];
        }
    }

    private static int First(int outer, int along, int inner, int i) => (outer * along * inner) + i;

    // Shifted by the largest element, so that nothing overflows; −∞ for an empty or wholly masked axis.
    private float LogSumExp(int first, int along, int inner, long without)
    {
        if (inner == 1)
        {
            ReadOnlySpan<float> row = Values.AsSpan(first, along);
            return without < 0 ? LogSumExp(row, []) : LogSumExp(row[..(int)without], row[((int)without + 1)..]);
        }

        float largest = float.NegativeInfinity;
        for (int j = 0; j < along; j++)
        {
            if (j != without) largest = MathF.Max(largest, Values[first + (j * inner)]);
        }

        if (!float.IsFinite(largest)) return largest;
        double sum = 0;
        for (int j = 0; j < along; j++)
        {
            if (j != without) sum += Math.Exp((double)Values[first + (j * inner)] - largest);
        }

        return (float)(largest + Math.Log(sum));
    }

    private static float LogSumExp(ReadOnlySpan<float> before, ReadOnlySpan<float> after)
    {
        float largest = MathF.Max(RowExponents.Largest(before), RowExponents.Largest(after));
        if (!float.IsFinite(largest)) return largest;
        return (float)(largest + Math.Log(RowExponents.Sum(before, largest) + RowExponents.Sum(after, largest)));
    }

    // A position along the axis for each of the other axes' places.
    private long[] Positions(DataArray positions, int axis)
    {
        if (!positions.Shape.SequenceEqual(Without(axis, keepAxis: true)))
            throw new TrakException(
                $"Positions {Shapes.Text(positions.Shape)} do not fit a variable of shape {Shapes.Text(_shape)} along axis {axis}.");
        long[] values = Longs(positions);
        int wrong = Array.FindIndex(values, v => v < 0 || v >= _shape[axis]);
        return wrong < 0
            ? values
            : throw new TrakException($"Position {values[wrong]} lies outside axis {axis} of a variable of shape {Shapes.Text(_shape)}.");
    }

    private HostVariable Average(int axis, bool keepAxis, long divisor)
    {
        (int outer, int along, int inner) = Split(axis);
        float[] y = _arrays.Floats(outer * inner);
        for (int o = 0; o < outer; o++)
        {
            for (int i = 0; i < inner; i++)
            {
                double sum = 0;
                for (int j = 0; j < along; j++) sum += Values[First(o, along, inner, i) + (j * inner)];
                y[(o * inner) + i] = (float)(sum / divisor);
            }
        }

        return Result(y, Without(axis, keepAxis), Back, this);

        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[] back = _arrays.Floats(Values.Length);
            for (int o = 0; o < outer; o++)
            {
                for (int j = 0; j < along; j++)
                {
                    for (int i = 0; i < inner; i++) back[First(o, along, inner, i) + (j * inner)] = gradient[(o * inner) + i] / divisor;
                }
            }

            return [back];
        }
    }
}
