using TrakFast.Onnx.Proto;

namespace TrakFast.Onnx;

/// <summary>
/// Puts the bodies of a model's own functions in the place of their calls, so that operators are all that is left. What
/// was inside a call is named after it: <c>call/inner</c>.
/// </summary>
internal sealed class FunctionInliner
{
    // Far beyond what an exporter writes; files whose functions call each other over and over reach any size.
    private const int MostNodes = 250_000;
    private const int Deepest = 200;
    private const long MostText = 1L << 27;
    private const int LongestPath = 200;

    private readonly string _file;
    private readonly long _opset;
    private readonly Dictionary<(string Domain, string Name, string Overload), FunctionProto> _functions = [];
    private readonly HashSet<string> _names;
    private readonly List<NodeProto> _nodes = [];
    private readonly List<FunctionProto> _open = [];
    private long _calls;
    private long _text;

    private FunctionInliner(ModelProto model, string file, long opset, IEnumerable<NodeProto> nodes)
    {
        _file = file;
        _opset = opset;
        foreach (FunctionProto function in model.Functions)
        {
            if (!_functions.TryAdd((Domain(function.Domain), function.Name, function.Overload), function))
                throw new TrakException($"{file} defines the function {Text(function)} twice.");
        }

        _names = new HashSet<string>(StringComparer.Ordinal);
        _names.UnionWith(model.Graph.Input.Select(static i => i.Name));
        _names.UnionWith(model.Graph.Initializer.Select(static i => i.Name));
        _names.UnionWith(nodes.SelectMany(static n => n.Input.Concat(n.Output)));
    }

    /// <param name="model">The model with its functions.</param>
    /// <param name="file">What errors call it.</param>
    /// <param name="opset">Version of ONNX's operator set in the model.</param>
    /// <param name="nodes">Those of the graph's nodes that are wanted.</param>
    public static IReadOnlyList<NodeProto> Inline(ModelProto model, string file, long opset, IReadOnlyList<NodeProto> nodes)
    {
        if (model.Functions.Count == 0) return nodes;
        FunctionInliner inliner = new(model, file, opset, nodes);
        foreach (NodeProto node in nodes) inliner.Add(node);
        return inliner._nodes;
    }

    /// <summary>ONNX's own domain has two spellings.</summary>
    public static string Domain(string domain) => domain == "ai.onnx" ? "" : domain;

    private static string Text(FunctionProto function) =>
        $"'{function.Domain}::{function.Name}{(function.Overload.Length > 0 ? ":" + function.Overload : "")}'";

    private static string Called(NodeProto node) => node.Name.Length > 0 ? node.Name : node.OpType;

    private void Add(NodeProto node)
    {
        if (_functions.TryGetValue((Domain(node.Domain), node.OpType, node.Overload), out FunctionProto? function)) Call(function, node);
        else _nodes.Add(node);
        Spend(node, 0);
    }

    private void Spend(NodeProto node, long text)
    {
        _text += text;
        if (_nodes.Count + _calls > MostNodes || _text > MostText)
            throw new TrakException(
                $"{_file} would grow beyond {MostNodes} nodes with its functions put in place of their calls; "
                + $"the last was at '{Called(node)}'.");
    }

    private void Call(FunctionProto function, NodeProto call)
    {
        _calls++;
        string where = $"{_file}: the node '{Called(call)}' calls the function {Text(function)}";
        if (_open.Contains(function)) throw new TrakException($"{where}, which calls itself; such models cannot be read.");
        if (_open.Count >= Deepest) throw new TrakException($"{where} at a depth of {_open.Count} calls; at most {Deepest} are read.");
        if (call.Input.Count > function.Input.Count || call.Output.Count > function.Output.Count)
            throw new TrakException(
                $"{where} with {call.Input.Count} inputs and {call.Output.Count} outputs; "
                + $"it has {function.Input.Count} and {function.Output.Count}.");
        CheckOpset(function, where);

        string path = Called(call);
        if (path.Length > LongestPath) path = $"…{path[^LongestPath..]}";
        Dictionary<string, string> values = Bind(function, call, where, path);
        Dictionary<string, AttributeProto> attributes = new(StringComparer.Ordinal);
        foreach (AttributeProto attribute in function.AttributeProto.Concat(call.Attribute)) attributes[attribute.Name] = attribute;
        _open.Add(function);
        foreach (NodeProto node in function.Node) Add(Copy(node, path, values, attributes));
        _open.RemoveAt(_open.Count - 1);
    }

    // A file may mix versions by giving a function its own; an operator's meaning must not depend on where it stands.
    private void CheckOpset(FunctionProto function, string where)
    {
        foreach (OperatorSetIdProto set in function.OpsetImport)
        {
            if (Domain(set.Domain).Length == 0 && set.Version != _opset && function.Node.Any(static n => Domain(n.Domain).Length == 0))
                throw new TrakException(
                    $"{where}, which uses version {set.Version} of ONNX's operator set while the model uses {_opset}; "
                    + "convert the model to one version.");
        }
    }

    // What the function's own names stand for in the graph. An output that is also an input, or listed twice, is named
    // by a node of its own, since a value has one name.
    private Dictionary<string, string> Bind(FunctionProto function, NodeProto call, string where, string path)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal) { [""] = "" };
        for (int i = 0; i < function.Input.Count; i++)
        {
            if (!values.TryAdd(function.Input[i], i < call.Input.Count ? call.Input[i] : ""))
                throw new TrakException($"{where}, which has the input '{function.Input[i]}' twice.");
        }

        for (int i = 0; i < call.Output.Count; i++)
        {
            if (call.Output[i].Length == 0 || values.TryAdd(function.Output[i], call.Output[i])) continue;
            NodeProto same = new() { OpType = "Identity", Name = $"{path}/{function.Output[i]}" };
            same.Input.Add(values[function.Output[i]]);
            same.Output.Add(call.Output[i]);
            _nodes.Add(same);
        }

        return values;
    }

    private NodeProto Copy(NodeProto node, string path, Dictionary<string, string> values, Dictionary<string, AttributeProto> attributes)
    {
        NodeProto copy = new() { OpType = node.OpType, Domain = node.Domain, Overload = node.Overload, Name = $"{path}/{Called(node)}" };
        Spend(copy, copy.Name.Length + node.Input.Concat(node.Output).Sum(static n => 8L + n.Length) + (16L * node.Attribute.Count));
        copy.Input.AddRange(node.Input.Select(Value));
        copy.Output.AddRange(node.Output.Select(Value));
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.RefAttrName.Length == 0)
            {
                copy.Attribute.Add(attribute);
            }
            else if (attributes.TryGetValue(attribute.RefAttrName, out AttributeProto? given))
            {
                Spend(copy, given.CalculateSize());
                AttributeProto named = given.Clone();
                named.Name = attribute.Name;
                copy.Attribute.Add(named);
            }
        }

        return copy;

        string Value(string name)
        {
            if (values.TryGetValue(name, out string? known)) return known;
            string fresh = $"{path}/{name}";
            for (int i = 1; !_names.Add(fresh); i++) fresh = $"{path}#{_calls}.{i}/{name}";
            Spend(copy, fresh.Length);
            return values[name] = fresh;
        }
    }
}
