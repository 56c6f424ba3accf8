namespace TrakFast.Onnx;

/// <content>Operations that work element by element.</content>
internal sealed partial class HostVariable
{
    /// <inheritdoc/>
    public override Variable Add(Variable other) => Binary(other, static (a, b) => a + b, static (g, _, _) => g, static (g, _, _) => g);

    /// <inheritdoc/>
    public override Variable Subtract(Variable other) =>
        Binary(other, static (a, b) => a - b, static (g, _, _) => g, static (g, _, _) => -g);

    /// <inheritdoc/>
    public override Variable Multiply(Variable other) =>
        Binary(other, static (a, b) => a * b, static (g, _, b) => g * b, static (g, a, _) => g * a);

    /// <inheritdoc/>
    public override Variable Divide(Variable other) =>
        Binary(other, static (a, b) => a / b, static (g, _, b) => g / b, static (g, a, b) => -g * a / b / b);

    /// <inheritdoc/>
    public override Variable Negate() => Unary(static x => -x, static (g, _, _) => -g);

    /// <inheritdoc/>
    public override Variable Exp() => Unary(MathF.Exp, static (g, _, y) => g * y);

    /// <inheritdoc/>
    public override Variable Log() => Unary(MathF.Log, static (g, x, _) => g / x);

    /// <inheritdoc/>
    public override Variable Sigmoid() => Unary(
        static x => x >= 0 ? 1 / (1 + MathF.Exp(-x)) : MathF.Exp(x) / (1 + MathF.Exp(x)),
        static (g, _, y) => g * y * (1 - y));

    /// <inheritdoc/>
    public override Variable Tanh() => Unary(MathF.Tanh, static (g, _, y) => g * (1 - (y * y)));

    /// <inheritdoc/>
    public override Variable MaskedFill(DataArray mask, float value)
    {
        ArgumentNullException.ThrowIfNull(mask);
        long[] holds = Longs(mask);
        long[] shape = HostBroadcast.Shape(_shape, mask.Shape);
        if (!shape.AsSpan().SequenceEqual(_shape))
            throw new ArgumentException($"A mask {Shapes.Text(mask.Shape)} does not broadcast to {Shapes.Text(_shape)}.", nameof(mask));
        int[] places = HostBroadcast.Places(mask.Shape, _shape, _arrays);
        float[] values = _arrays.Floats(Values.Length);
        for (int i = 0; i < values.Length; i++) values[i] = holds[places[i]] != 0 ? value : Values[i];
        return Result(values, _shape, Back, this);

        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[] kept = _arrays.Floats(gradient.Length);
            for (int i = 0; i < kept.Length; i++) kept[i] = holds[places[i]] != 0 ? 0 : gradient[i];
            return [kept];
        }
    }

    private HostVariable Unary(Func<float, float> function, Func<float, float, float, float> derivative)
    {
        float[] y = _arrays.Floats(Values.Length);
        for (int i = 0; i < y.Length; i++) y[i] = function(Values[i]);
        return Result(y, _shape, Back, this);

        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[] back = _arrays.Floats(gradient.Length);
            for (int i = 0; i < back.Length; i++) back[i] = derivative(gradient[i], Values[i], y[i]);
            return [back];
        }
    }

    private HostVariable Binary(
        Variable other,
        Func<float, float, float> function,
        Func<float, float, float, float> left,
        Func<float, float, float, float> right)
    {
        HostVariable b = Own(other);
        long[] shape = HostBroadcast.Shape(_shape, b._shape);
        int[] placesA = HostBroadcast.Places(_shape, shape, _arrays);
        int[] placesB = HostBroadcast.Places(b._shape, shape, _arrays);
        float[] y = _arrays.Floats(placesA.Length);
        for (int i = 0; i < y.Length; i++) y[i] = function(Values[placesA[i]], b.Values[placesB[i]]);
        return Result(y, shape, Back, this, b);

        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[]? gradientA = wanted[0] ? _arrays.Floats(Values.Length) : null;
            float[]? gradientB = wanted[1] ? _arrays.Floats(b.Values.Length) : null;
            for (int i = 0; i < gradient.Length; i++)
            {
                float x = Values[placesA[i]], z = b.Values[placesB[i]];
                if (gradientA is not null) gradientA[placesA[i]] += left(gradient[i], x, z);
                if (gradientB is not null) gradientB[placesB[i]] += right(gradient[i], x, z);
            }

            return [gradientA, gradientB];
        }
    }
}
