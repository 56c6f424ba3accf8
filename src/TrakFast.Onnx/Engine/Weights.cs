using System.Security.Cryptography;
using System.Text;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// A model's stored arrays during its life: the parameters one behind the other in one buffer, in flat gradient order,
/// then everything else.
/// </summary>
internal sealed unsafe class Weights : IDisposable
{
    private readonly OnnxGraph _graph;
    private readonly NativeBuffer<float> _flat;
    private readonly NativeBuffer<float> _rest;
    private readonly nint[] _data;
    private string? _hash;

    public Weights(OnnxGraph graph)
    {
        _graph = graph;
        _flat = new NativeBuffer<float>(graph.Parameters.Sum(static p => p.Length));
        _rest = new NativeBuffer<float>(graph.Initializers.Where(i => IsBuffer(i)).Sum(static i => i.Values.Length));
        Dictionary<string, ModelParameter> parameters = graph.Parameters.ToDictionary(static p => p.Name, StringComparer.Ordinal);
        _data = new nint[graph.Initializers.Count];
        long offset = 0;
        for (int i = 0; i < _data.Length; i++)
        {
            Initializer initializer = graph.Initializers[i];
            DataArray values = initializer.Values;
            if (!values.Type.IsFloat()) continue;
            float* data = parameters.TryGetValue(initializer.Name, out ModelParameter? parameter)
                ? _flat.Pointer + parameter.Offset
                : _rest.Pointer + offset;
            if (parameter is null) offset += values.Length;
            _data[i] = (nint)data;
            values.CopyTo(new Span<float>(data, checked((int)values.Length)));
        }
    }

    /// <summary>The parameters, [p].</summary>
    public float* Flat => _flat.Pointer;

    /// <summary>Memory of all floating-point arrays.</summary>
    public long Bytes => (_flat.Length + _rest.Length) * sizeof(float);

    /// <summary>Grows with every change of a value.</summary>
    public long Version { get; private set; }

    /// <summary>Where the graph's initializer of that number lies; null for whole numbers, which never change.</summary>
    public float* Data(int initializer) => (float*)_data[initializer];

    /// <summary>Whether an initializer may be replaced: neither whole numbers nor a constant.</summary>
    public bool IsWeight(int initializer) => _data[initializer] != 0 && !_graph.Initializers[initializer].Constant;

    public string Hash => _hash ??= ComputeHash();

    /// <summary>Must follow every change of a value.</summary>
    public void Changed()
    {
        Version++;
        _hash = null;
    }

    public void CopyFrom(Weights other)
    {
        Buffer.MemoryCopy(other._flat.Pointer, _flat.Pointer, _flat.Length * sizeof(float), other._flat.Length * sizeof(float));
        Buffer.MemoryCopy(other._rest.Pointer, _rest.Pointer, _rest.Length * sizeof(float), other._rest.Length * sizeof(float));
        Changed();
    }

    /// <summary>Every floating-point array a state dict would hold: parameters and running statistics, not constants.</summary>
    public Checkpoint ToCheckpoint(string name)
    {
        Dictionary<string, DataArray> tensors = new(StringComparer.Ordinal);
        for (int i = 0; i < _data.Length; i++)
        {
            Initializer initializer = _graph.Initializers[i];
            if (IsWeight(i)) tensors.Add(initializer.Name, DataArray.From(Span(i), [.. initializer.Values.Shape]));
        }

        return new Checkpoint(name, tensors);
    }

    public Span<float> Span(int initializer) => new(Data(initializer), checked((int)_graph.Initializers[initializer].Values.Length));

    public void Dispose()
    {
        _flat.Dispose();
        _rest.Dispose();
    }

    private bool IsBuffer(Initializer initializer) => initializer.Values.Type.IsFloat() && !_graph.IsParameter(initializer.Name);

    private string ComputeHash()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int i = 0; i < _data.Length; i++)
        {
            if (!IsWeight(i)) continue;
            hash.AppendData(Encoding.UTF8.GetBytes($"{_graph.Initializers[i].Name}\n{Shapes.Text(_graph.Initializers[i].Values.Shape)}\n"));
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(Span(i)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
