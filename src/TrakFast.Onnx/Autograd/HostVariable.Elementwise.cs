namespace TrakFast.Onnx;

/// <content>Operations that work element by element.</content>
internal sealed partial class HostVariable
{
    /// <inheritdoc/>
    public override Variable Add(Variable other) => Binary(other, static (a, b) => a + b, static (g, _, _) => g, static (g, _, _) => g);

    /// <inheritdoc/>
    public override Variable Subtract(Variable other) => Binary(other, static (a, b) => a - b, static (g, _, _) => g, static (g, _, _) => -g);

    /// <inheritdoc/>
    public override Variable Multiply(Variable other) => Binary(other, static (a, b) => a * b, static (g, _, b) => g * b, static (g, a, _) => g * a);

    /// <inheritdoc/>
    public override Variable Divide(Variable other) => Binary(other, static (a, b) => a / b, static (g, _, b) => g / b, static (g, a, b) => -g * a / b / b);

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
        long[] holds = mask.ToLongs();
        long[] shape = HostBroadcast.Shape(_shape, mask.Shape);
        if (!shape.AsSpan().SequenceEqual(_shape))
            throw new ArgumentException($"A mask {Shapes.Text(mask.Shape)} does not broadcast to {Shapes.Text(_shape)}.", nameof(mask));
        int[] places = HostBroadcast.Places(mask.Shape, _shape);
        float[] values = new float[_values.Length];
        for (int i = 0; i < values.Length; i++) values[i] = holds[places[i]] != 0 ? value : _values[i];
        return Result(values, _shape, Back, this);

        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[] kept = new float[gradient.Length];
            for (int i = 0; i < kept.Length; i++) kept[i] = holds[places[i]] != 0 ? 0 : gradient[i];
            return [kept];
        }
    }

    private HostVariable Unary(Func<float, float> function, Func<float, float, float, float> derivative)
    {
        float[] y = new float[_values.Length];
        for (int i = 0; i < y.Length; i++) y[i] = function(_values[i]);
        return Result(y, _shape, Back, this);

        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[] back = new float[gradient.Length];
            for (int i = 0; i < back.Length; i++) back[i] = derivative(gradient[i], _values[i], y[i]);
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
        int[] placesA = HostBroadcast.Places(_shape, shape);
        int[] placesB = HostBroadcast.Places(b._shape, shape);
        float[] y = new float[placesA.Length];
        for (int i = 0; i < y.Length; i++) y[i] = function(_values[placesA[i]], b._values[placesB[i]]);
        return Result(y, shape, Back, this, b);

        float[]?[] Back(float[] gradient, bool[] wanted)
        {
            float[]? gradientA = wanted[0] ? new float[_values.Length] : null;
            float[]? gradientB = wanted[1] ? new float[b._values.Length] : null;
            for (int i = 0; i < gradient.Length; i++)
            {
                float x = _values[placesA[i]], z = b._values[placesB[i]];
                if (gradientA is not null) gradientA[placesA[i]] += left(gradient[i], x, z);
                if (gradientB is not null) gradientB[placesB[i]] += right(gradient[i], x, z);
            }

            return [gradientA, gradientB];
        }
    }
}
