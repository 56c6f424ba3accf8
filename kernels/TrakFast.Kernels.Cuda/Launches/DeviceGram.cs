namespace TrakFast.Kernels;

/// <summary>ΦᵀΦ on a device: tiles of its upper triangle in float64, which leave the device once, at the end.</summary>
internal sealed unsafe class DeviceGram : IGramAccumulator
{
    /// <summary>Tiles brought to the host at a time: 32 MiB.</summary>
    private const long TilesTogether = 256;

    private readonly IDevice _device;
    private readonly DeviceScratch _scratch;
    private readonly Workers _workers;
    private readonly DeviceBuffer _tiles;
    private readonly DeviceArithmetic _version;
    private readonly int _dimension, _parts;

    /// <summary>Starts a matrix of zeros.</summary>
    public DeviceGram(IDevice device, DeviceScratch scratch, Workers workers, int dimension, DeviceArithmetic version)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        (_device, _scratch, _workers, _dimension, _version) = (device, scratch, workers, dimension, version);
        _parts = GramLaunches.Parts(dimension);
        _tiles = new DeviceBuffer(device, ElementType.Float64, _parts * TotalLength);
        device.Clear(_tiles.View.Pointer, _tiles.View.Length * sizeof(double));
    }

    private long TotalLength => GramLaunches.Tiles(_dimension) * GramLaunches.TileLength;

    /// <inheritdoc/>
    public void Add(MemoryView features, long rows, MemoryView rowScale)
    {
        if (features.Length != rows * _dimension || (rowScale.Length != 0 && rowScale.Length != rows))
            throw new ArgumentException($"{features.Length} features and {rowScale.Length} scales do not fit {rows} rows of {_dimension}.");
        if (features.Space != _device.Space || (rowScale.Length != 0 && rowScale.Space != _device.Space))
            throw new ArgumentException($"Features on {features.Space} and scales on {rowScale.Space} must lie on {_device.Space}.");
        if (rows > 0) GramLaunches.Add(_device, features, rowScale, _tiles.View, rows, _dimension, _parts, _version);
    }

    /// <inheritdoc/>
    public SymmetricMatrix ToMatrix()
    {
        if (_parts == 1) return Download(_tiles.View);
        using DeviceScratch.Lease total = _scratch.Rent(ElementType.Float64, TotalLength);
        GramLaunches.Total(_device, _tiles.View, total.View, _parts);
        return Download(total.View);
    }

    /// <inheritdoc/>
    public void Dispose() => _tiles.Dispose();

    private SymmetricMatrix Download(MemoryView tiles)
    {
        long count = GramLaunches.Tiles(_dimension);
        SymmetricMatrix matrix = new(_dimension);
        using NativeBuffer<double> together = new(Math.Min(count, TilesTogether) * GramLaunches.TileLength);
        for (long first = 0; first < count; first += TilesTogether)
        {
            long from = first, here = Math.Min(TilesTogether, count - first), length = here * GramLaunches.TileLength;
            _device.Copy(
                tiles.Slice(first * GramLaunches.TileLength, length),
                new MemoryView((nint)together.Pointer, length, ElementType.Float64, MemorySpace.Host));
            _workers.Run(here, 1, (start, end) =>
            {
                for (long tile = start; tile < end; tile++) Place(from + tile, together.Pointer + (tile * GramLaunches.TileLength), matrix);
            });
        }

        return matrix;
    }

    /// <summary>Writes a tile and its mirror image.</summary>
    private void Place(long tile, double* values, SymmetricMatrix matrix)
    {
        const int Side = GramLaunches.TileSide;
        long right = 0;
        while ((right + 1) * (right + 2) / 2 <= tile) right++;
        long firstRow = (tile - (right * (right + 1) / 2)) * Side, firstColumn = right * Side, k = _dimension;
        double* to = matrix.Pointer;
        for (long i = firstRow; i < Math.Min(k, firstRow + Side); i++)
        {
            for (long j = Math.Max(i, firstColumn); j < Math.Min(k, firstColumn + Side); j++)
            {
                double value = values[((i - firstRow) * Side) + (j - firstColumn)];
                to[(i * k) + j] = value;
                to[(j * k) + i] = value;
            }
        }
    }
}
