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
    private readonly Tensor[] _tensors;
    private string? _hash;

    public Weights(OnnxGraph graph)
    {
        _graph = graph;
        Length = graph.Parameters.Sum(static p => p.Length);
        _flat = new NativeBuffer<float>(Length);
        _rest = new NativeBuffer<float>(graph.Initializers.Where(i => IsBuffer(i)).Sum(static i => i.Values.Length));
        Dictionary<string, Parameter> parameters = graph.Parameters.ToDictionary(static p => p.Name, StringComparer.Ordinal);
        _tensors = new Tensor[graph.Initializers.Count];
        long offset = 0;
        for (int i = 0; i < _tensors.Length; i++)
        {
            Initializer initializer = graph.Initializers[i];
            DataArray values = initializer.Values;
            long[] shape = [.. values.Shape];
            if (!values.Type.IsFloat())
            {
                _tensors[i] = new Tensor(values.ToLongs(), shape, batched: false);
                continue;
            }

            float* data = parameters.TryGetValue(initializer.Name, out Parameter? parameter) ? _flat.Pointer + parameter.Offset : _rest.Pointer + offset;
            if (parameter is null) offset += values.Length;
            _tensors[i] = new Tensor(data, shape, batched: false);
            values.CopyTo(new Span<float>(data, checked((int)values.Length)));
        }
    }

    /// <summary>Number of parameters' elements p.</summary>
    public long Length { get; }

    /// <summary>The parameters, [p].</summary>
    public float* Flat => _flat.Pointer;

    /// <summary>Grows with every change of a value.</summary>
    public long Version { get; private set; }

    /// <summary>The array of the graph's initializer of that number.</summary>
    public Tensor this[int initializer] => _tensors[initializer];

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
        for (int i = 0; i < _tensors.Length; i++)
        {
            Initializer initializer = _graph.Initializers[i];
            if (!initializer.Constant && !_tensors[i].IsInteger) tensors.Add(initializer.Name, DataArray.From(Span(i), _tensors[i].Shape));
        }

        return new Checkpoint(name, tensors);
    }

    public Span<float> Span(int initializer) => new(_tensors[initializer].Data, checked((int)_tensors[initializer].Length));

    public void Dispose()
    {
        _flat.Dispose();
        _rest.Dispose();
    }

    private bool IsBuffer(Initializer initializer) => initializer.Values.Type.IsFloat() && !_graph.IsParameter(initializer.Name);

    private string ComputeHash()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int i = 0; i < _tensors.Length; i++)
        {
            if (_tensors[i].IsInteger || _graph.Initializers[i].Constant) continue;
            hash.AppendData(Encoding.UTF8.GetBytes($"{_graph.Initializers[i].Name}\n{_tensors[i]}\n"));
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(Span(i)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
