using System.Globalization;

namespace TrakFast;

/// <summary>What divides the logits in Q, and in Q alone.</summary>
internal readonly record struct Temperature
{
    public Temperature(float value)
    {
        if (!(value > 0) || float.IsInfinity(value)) throw new TrakException($"The temperature must be a positive number; it is {value}.");
        Value = value;
    }

    public float Value { get; }

    /// <summary>The logits divided, or as they are where there is nothing to divide.</summary>
    public Variable Cool(Variable logits) => Value == 1 ? logits : logits / Value;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
