using TrakFast.Kernels;

namespace TrakFast.Benchmarks.Gpu;

/// <summary>The kernels and sizes that are timed.</summary>
internal sealed class GpuCases(CudaDevice device, DeviceScratch scratch, IKernelBackend backend, CuBlas? cuBlas)
{
    private const int K = 2048;

    /// <summary>Every case, made when its turn comes.</summary>
    public IEnumerable<Func<GpuArrays, GpuCase>> All =>
    [
        arrays => Sjlt(arrays, 64, 1 << 20, K),
        arrays => Sjlt(arrays, 16, 1 << 22, 32768),
        arrays => SjltOfTable(arrays, 64, 1024, 256),
        arrays => SjltOfProducts(arrays, 256, 1, 1024, 1024),
        arrays => SjltOfProducts(arrays, 64, 128, 512, 512),
        arrays => Rademacher(arrays, 8, 1 << 18, DeviceArithmetic.TensorCores),
        arrays => Rademacher(arrays, 32, 1 << 18, DeviceArithmetic.TensorCores),
        arrays => Rademacher(arrays, 256, 1 << 18, DeviceArithmetic.TensorCores),
        arrays => Rademacher(arrays, 256, 1 << 18, DeviceArithmetic.Float32),
        arrays => RademacherOfProducts(arrays, 256, 1, 1024, 1024),
        arrays => RademacherOfProducts(arrays, 64, 128, 512, 512),
        arrays => Gaussian(arrays, 64, 1 << 16),
        arrays => Gram(arrays, 65536, 1024, DeviceArithmetic.TensorCores),
        arrays => Gram(arrays, 65536, 4096, DeviceArithmetic.TensorCores),
        arrays => Gram(arrays, 65536, 4096, DeviceArithmetic.Float32),
        arrays => ScoreTile(arrays, 16384, 4096, K, DeviceArithmetic.TensorCores),
        arrays => ScoreTile(arrays, 16384, 4096, K, DeviceArithmetic.Float32),
        arrays => TopScores(arrays, 65536, 4096, K, 100),
    ];

    private static Projection Of(ProjectionKind kind, int k) => new(kind, k, 1, 0);

    private static string Suffix(DeviceArithmetic arithmetic) => arithmetic == DeviceArithmetic.Float32 ? ", float32 FMAs" : "";

    private static Bound BoundOf(DeviceArithmetic arithmetic) => arithmetic == DeviceArithmetic.Float32 ? Bound.Float32 : Bound.Tf32;

    /// <summary>Products on tensor cores for one of float32.</summary>
    private static double Products(DeviceArithmetic arithmetic) => arithmetic == DeviceArithmetic.Float32 ? 1 : 3;

    private static MemoryView Turn(MemoryView[] inputs, int round) => inputs[round % inputs.Length];

    private GpuCase Sjlt(GpuArrays arrays, int batch, int length, int k)
    {
        MemoryView[] values = arrays.Rotated((long)batch * length);
        MemoryView features = arrays.Zeros((long)batch * k);
        return new GpuCase(
            "SJLT of gradients in memory", $"B = {batch}, p = {length:n0}, k = {k:n0}", Bound.Copy, (double)batch * length * sizeof(float),
            round => backend.Project(Of(ProjectionKind.Sjlt, k), new DenseBlock(batch, 0, length, Turn(values, round)), features),
            round => SjltLaunches.ProjectByReference(
                device, Of(ProjectionKind.Sjlt, k), new DenseBlock(batch, 0, length, Turn(values, round)), features));
    }

    private GpuCase SjltOfTable(GpuArrays arrays, int batch, int positions, int width)
    {
        MemoryView[] values = arrays.Rotated((long)batch * positions * width);
        MemoryView ids = arrays.Zeros((long)batch * positions, ElementType.Int64), features = arrays.Zeros((long)batch * K);
        return new GpuCase(
            "SJLT of rows",
            $"B = {batch}, T = {positions}, D = {width}, k = {K:n0}",
            Bound.Copy,
            (double)batch * positions * width * sizeof(float),
            round =>
                backend.Project(Of(ProjectionKind.Sjlt, K), new RowsBlock(batch, 0, width, positions, ids, Turn(values, round)), features),
            round => SjltLaunches.ProjectByReference(
                device, Of(ProjectionKind.Sjlt, K), new RowsBlock(batch, 0, width, positions, ids, Turn(values, round)), features));
    }

    private GpuCase SjltOfProducts(GpuArrays arrays, int batch, int positions, int outputs, int inputs)
    {
        Func<int, OuterProductBlock> block = Products(arrays, batch, positions, outputs, inputs);
        MemoryView features = arrays.Zeros((long)batch * K);
        return new GpuCase(
            "SJLT of products",
            $"B = {batch}, T = {positions}, O = {outputs}, I = {inputs}, k = {K:n0}",
            Bound.Float32,
            2.0 * batch * positions * outputs * inputs,
            round => backend.Project(Of(ProjectionKind.Sjlt, K), block(round), features),
            round => SjltLaunches.ProjectByReference(device, Of(ProjectionKind.Sjlt, K), FactoredBlock.Of(block(round)), features));
    }

    private GpuCase Rademacher(GpuArrays arrays, int batch, int length, DeviceArithmetic method)
    {
        MemoryView[] values = arrays.Rotated((long)batch * length);
        MemoryView features = arrays.Zeros((long)batch * K), matrix = cuBlas is null ? default : arrays.Random((long)length * K);
        bool tensor = method == DeviceArithmetic.TensorCores;
        void Project(int round, DeviceArithmetic how) =>
            DenseLaunches.Project(
                device, scratch, Of(ProjectionKind.Rademacher, K), new DenseBlock(batch, 0, length, Turn(values, round)), features, how);

        return new GpuCase(
            $"Rademacher{Suffix(method)}",
            $"B = {batch}, p = {length:n0}, k = {K:n0}",
            tensor ? Bound.Bf16 : Bound.Float32,
            (tensor ? 3 : 1) * 2.0 * batch * length * K,
            round => Project(round, method),
            round => Project(round, DeviceArithmetic.Reference),
            "float32",
            cuBlas is null
                ? null
                : round => cuBlas.Multiply(false, false, batch, K, length, Turn(values, round).Pointer, matrix.Pointer, features.Pointer));
    }

    private GpuCase RademacherOfProducts(GpuArrays arrays, int batch, int positions, int outputs, int inputs)
    {
        Func<int, OuterProductBlock> block = Products(arrays, batch, positions, outputs, inputs);
        MemoryView features = arrays.Zeros((long)batch * K);
        void Project(int round, DeviceArithmetic how) =>
            DenseLaunches.Project(device, scratch, Of(ProjectionKind.Rademacher, K), FactoredBlock.Of(block(round)), features, how);

        return new GpuCase(
            "Rademacher of products",
            $"B = {batch}, T = {positions}, O = {outputs}, I = {inputs}, k = {K:n0}",
            Bound.Bf16,
            3 * 2.0 * batch * outputs * inputs * K,
            round => Project(round, DeviceArithmetic.TensorCores),
            round => Project(round, DeviceArithmetic.Reference));
    }

    private GpuCase Gaussian(GpuArrays arrays, int batch, int length)
    {
        MemoryView[] values = arrays.Rotated((long)batch * length);
        MemoryView features = arrays.Zeros((long)batch * K), matrix = cuBlas is null ? default : arrays.Random((long)length * K);
        void Project(int round, DeviceArithmetic how) =>
            DenseLaunches.Project(
                device, scratch, Of(ProjectionKind.Gaussian, K), new DenseBlock(batch, 0, length, Turn(values, round)), features, how);

        return new GpuCase(
            "Gaussian", $"B = {batch}, p = {length:n0}, k = {K:n0}", Bound.Float32, 2.0 * batch * length * K,
            round => Project(round, DeviceArithmetic.TensorCores), round => Project(round, DeviceArithmetic.Reference), "float32",
            cuBlas is null
                ? null
                : round => cuBlas.Multiply(false, false, batch, K, length, Turn(values, round).Pointer, matrix.Pointer, features.Pointer));
    }

    private GpuCase Gram(GpuArrays arrays, int rows, int k, DeviceArithmetic arithmetic)
    {
        MemoryView features = arrays.Random((long)rows * k), product = arrays.Zeros((long)k * k);
        int parts = GramLaunches.Parts(k);
        MemoryView tiles = arrays.Zeros(parts * GramLaunches.Tiles(k) * GramLaunches.TileLength, ElementType.Float64);
        void Add(DeviceArithmetic version) => GramLaunches.Add(device, features, features.Slice(0, 0), tiles, rows, k, parts, version);
        return new GpuCase(
            $"Gram, float64 carry{Suffix(arithmetic)}",
            $"n = {rows:n0}, k = {k:n0}",
            BoundOf(arithmetic),
            Products(arithmetic) * rows * k * (k + 1),
            _ => Add(arithmetic),
            _ => Add(DeviceArithmetic.Reference),
            "float32",
            cuBlas is null ? null : _ => cuBlas.SymmetricProduct(rows, k, features.Pointer, product.Pointer));
    }

    private GpuCase ScoreTile(GpuArrays arrays, int rows, int targets, int k, DeviceArithmetic arithmetic)
    {
        MemoryView left = arrays.Random((long)rows * k),
            right = arrays.Random((long)targets * k),
            scale = arrays.Random(rows),
            tile = arrays.Zeros((long)rows * targets);
        void Score(DeviceArithmetic version) => ScoreLaunches.Tile(device, left, right, scale, tile, rows, targets, false, version);
        return new GpuCase(
            $"score tile{Suffix(arithmetic)}",
            $"n = {rows:n0}, m = {targets:n0}, k = {k:n0}",
            BoundOf(arithmetic),
            Products(arithmetic) * 2 * rows * targets * k,
            _ => Score(arithmetic),
            _ => Score(DeviceArithmetic.Reference),
            "float32",
            cuBlas is null ? null : _ => cuBlas.Multiply(false, true, rows, targets, k, left.Pointer, right.Pointer, tile.Pointer));
    }

    private GpuCase TopScores(GpuArrays arrays, int rows, int targets, int k, int kept)
    {
        MemoryView left = arrays.Random((long)rows * k), right = arrays.Random((long)targets * k), scale = arrays.Random(rows);
        MemoryView tile = cuBlas is null ? default : arrays.Zeros((long)rows * targets);
        return new GpuCase(
            "scores, top r selected",
            $"n = {rows:n0}, m = {targets:n0}, k = {k:n0}, r = {kept}",
            BoundOf(DeviceArithmetic.TensorCores),
            Products(DeviceArithmetic.TensorCores) * 2 * rows * targets * k,
            _ => backend.Score([left], [right], scale, 0, new TopSink(targets, kept)),
            null,
            "float32, the product alone",
            cuBlas is null ? null : _ => cuBlas.Multiply(false, true, rows, targets, k, left.Pointer, right.Pointer, tile.Pointer));
    }

    private static Func<int, OuterProductBlock> Products(GpuArrays arrays, int batch, int positions, int outputs, int inputs)
    {
        MemoryView[] left = arrays.Rotated((long)batch * positions * outputs), right = arrays.Rotated((long)batch * positions * inputs);
        return round => new OuterProductBlock(batch, 0, inputs, positions, outputs, inputs, Turn(left, round), Turn(right, round));
    }
}
