namespace TrakFast.Onnx;

/// <summary>The value of a node's attribute. A closed set of kinds.</summary>
public abstract record AttributeValue
{
    private protected AttributeValue()
    {
    }
}

/// <summary>A whole number.</summary>
/// <param name="Value">The number.</param>
public sealed record IntegerAttribute(long Value) : AttributeValue;

/// <summary>Whole numbers.</summary>
/// <param name="Values">The numbers.</param>
public sealed record IntegersAttribute(IReadOnlyList<long> Values) : AttributeValue;

/// <summary>A floating-point number.</summary>
/// <param name="Value">The number.</param>
public sealed record NumberAttribute(float Value) : AttributeValue;

/// <summary>Floating-point numbers.</summary>
/// <param name="Values">The numbers.</param>
public sealed record NumbersAttribute(IReadOnlyList<float> Values) : AttributeValue;

/// <summary>A text.</summary>
/// <param name="Value">The text.</param>
public sealed record TextAttribute(string Value) : AttributeValue;

/// <summary>Texts.</summary>
/// <param name="Values">The texts.</param>
public sealed record TextsAttribute(IReadOnlyList<string> Values) : AttributeValue;

/// <summary>An array.</summary>
/// <param name="Value">The array.</param>
public sealed record ArrayAttribute(DataArray Value) : AttributeValue;

/// <summary>A kind that TrakFast does not read, such as a subgraph.</summary>
/// <param name="Kind">What ONNX calls it.</param>
public sealed record OtherAttribute(string Kind) : AttributeValue;
