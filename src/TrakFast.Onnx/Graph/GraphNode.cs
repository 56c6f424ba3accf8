namespace TrakFast.Onnx;

/// <summary>One operation of a graph.</summary>
public sealed class GraphNode
{
    private readonly Dictionary<string, AttributeValue> _attributes;

    /// <summary>Creates a node.</summary>
    /// <param name="opType">The operator, such as <c>Conv</c>; operators outside ONNX's own domain as <c>domain::name</c>.</param>
    /// <param name="name">What errors call it; where empty, its first output's name.</param>
    /// <param name="inputs">Names of the values it reads; empty for an optional one left out.</param>
    /// <param name="outputs">Names of the values it makes; empty for an optional one nobody wants.</param>
    /// <param name="attributes">Attributes by name.</param>
    public GraphNode(
        string opType,
        string name,
        IReadOnlyList<string> inputs,
        IReadOnlyList<string> outputs,
        IEnumerable<KeyValuePair<string, AttributeValue>>? attributes = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        OpType = opType;
        Inputs = [.. inputs];
        Outputs = [.. outputs];
        Name = string.IsNullOrEmpty(name) ? Outputs.FirstOrDefault(static o => o.Length > 0) ?? opType : name;
        _attributes = new Dictionary<string, AttributeValue>(StringComparer.Ordinal);
        foreach ((string key, AttributeValue value) in attributes ?? [])
        {
            if (!_attributes.TryAdd(key, value)) throw Wrong($"has the attribute '{key}' twice");
        }
    }

    /// <summary>The operator.</summary>
    public string OpType { get; }

    /// <summary>What errors call the node.</summary>
    public string Name { get; }

    /// <summary>Names of the values it reads; empty where an optional one is left out.</summary>
    public IReadOnlyList<string> Inputs { get; }

    /// <summary>Names of the values it makes; empty where nobody wants one.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>Attributes by name.</summary>
    public IReadOnlyDictionary<string, AttributeValue> Attributes => _attributes;

    /// <summary>Whether an input is there.</summary>
    public bool HasInput(int index) => index < Inputs.Count && Inputs[index].Length > 0;

    /// <summary>Whether an output is there.</summary>
    public bool HasOutput(int index) => index < Outputs.Count && Outputs[index].Length > 0;

    /// <summary>A whole number, or the default where the attribute is absent.</summary>
    /// <exception cref="TrakException">The attribute is of another kind.</exception>
    public long Integer(string name, long @default) => Find<IntegerAttribute>(name)?.Value ?? @default;

    /// <summary>Whole numbers, or null where the attribute is absent.</summary>
    /// <exception cref="TrakException">The attribute is of another kind.</exception>
    public IReadOnlyList<long>? Integers(string name) => Find<IntegersAttribute>(name)?.Values;

    /// <summary>A number, or the default where the attribute is absent.</summary>
    /// <exception cref="TrakException">The attribute is of another kind.</exception>
    public float Number(string name, float @default) => Find<NumberAttribute>(name)?.Value ?? @default;

    /// <summary>A text, or the default where the attribute is absent.</summary>
    /// <exception cref="TrakException">The attribute is of another kind.</exception>
    public string Text(string name, string @default) => Find<TextAttribute>(name)?.Value ?? @default;

    /// <summary>An error about this node: <c>Conv node 'stem' has …</c></summary>
    /// <param name="problem">What is wrong, as the rest of the sentence without its full stop.</param>
    public TrakException Wrong(string problem) => new($"{OpType} node '{Name}' {problem}.");

    /// <inheritdoc/>
    public override string ToString() => $"{OpType} '{Name}'";

    private T? Find<T>(string name)
        where T : AttributeValue
    {
        if (!_attributes.TryGetValue(name, out AttributeValue? value)) return null;
        return value as T ?? throw Wrong($"has the attribute '{name}' of a wrong kind");
    }
}
