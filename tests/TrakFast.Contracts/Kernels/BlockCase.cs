using TrakFast.Kernels;

namespace TrakFast.Testing;

/// <summary>A gradient block whose data are a function of the example's number, so that any batch of examples can be built.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Parameters">Gradient dimension p.</param>
/// <param name="Build">Builds the block of the given examples.</param>
public sealed record BlockCase(string Name, long Parameters, Func<Uploads, int[], GradientBlock> Build)
{
    /// <summary>Every kind of block, in shapes that leave remainders everywhere.</summary>
    public static IReadOnlyList<BlockCase> All { get; } =
    [
        Dense(1, 0), Dense(37, 5), Dense(4096 + 259, 1),
        Outer(1, 1, 1, 1, 0), Outer(1, 7, 13, 13, 3), Outer(1, 3, 5, 9, 2), Outer(3, 6, 17, 17, 0), Outer(5, 31, 33, 40, 7),
        Outer(2, 2, 2100, 2100, 1), Outer(1, 130, 40, 40, 0), Outer(300, 20, 150, 150, 1), Outer(4, 70, 135, 140, 5),
        Convolution("3×3", new ConvolutionGeometry(1, 3, 5, [6, 5], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1])),
        Convolution("1×1", new ConvolutionGeometry(1, 8, 6, [4, 4], [1, 1], [1, 1], [1, 1], [0, 0], [0, 0])),
        Convolution("grouped", new ConvolutionGeometry(2, 4, 6, [7], [3], [2], [2], [2], [1])),
        Convolution("depthwise", new ConvolutionGeometry(6, 6, 6, [5, 5], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1])),
        Convolution("5×5 of stride 2", new ConvolutionGeometry(1, 40, 9, [9, 7], [5, 5], [2, 2], [1, 1], [2, 2], [2, 2])),
        Convolution("dilated in groups of channels", new ConvolutionGeometry(2, 18, 14, [5, 4], [3, 2], [1, 1], [2, 1], [1, 0], [1, 1])),
        Convolution("of many positions", new ConvolutionGeometry(1, 9, 4, [20, 20], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1])),
        Convolution("over three axes", new ConvolutionGeometry(1, 8, 7, [3, 4, 5], [2, 3, 2], [1, 2, 1], [1, 1, 2], [0, 1, 1], [1, 1, 0])),
        Convolution("depthwise with two outputs a channel", new ConvolutionGeometry(5, 5, 10, [6], [3], [1], [1], [1], [1])),
        Convolution("depthwise of stride 2", new ConvolutionGeometry(40, 40, 40, [6, 7], [3, 3], [2, 2], [1, 1], [1, 1], [1, 1])),
        Convolution("more rows than a tile", new ConvolutionGeometry(1, 150, 33, [2, 2], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1])),
        Rows(1, 1, 1, 0), Rows(4, 5, 3, 2), Rows(6, 37, 9, 11), Rows(3, 300, 4, 0),
    ];

    /// <summary>Blocks with the parameter that each is a part of, all larger than the factors of k = 130.</summary>
    public static IReadOnlyList<BlockCase> Factored { get; } =
    [
        Outer(5, 31, 33, 33, 7).Of(new ParameterMatrix(7, 31, 33)),
        Outer(1, 20, 40, 40, 0).Of(new ParameterMatrix(0, 20, 40)),
        Outer(3, 11, 9, 40, 7 + (4 * 40) + 6).Of(new ParameterMatrix(7, 19, 40)),
        Outer(4, 34, 20, 20, 3).Of(new ParameterMatrix(3, 17, 40)),
        Dense(23 * 29, 5).Of(new ParameterMatrix(5, 23, 29)),
        Dense(29, 5 + 29).Of(new ParameterMatrix(5, 23, 29)),
        Rows(6, 37, 19, 11).Of(new ParameterMatrix(11, 19, 37)),
        Convolution("3×3 of stride 2", new ConvolutionGeometry(1, 5, 21, [6, 5], [3, 3], [2, 2], [1, 1], [1, 1], [1, 1])).Of(
            new ParameterMatrix(3, 21, 45)),
        Convolution("in groups", new ConvolutionGeometry(2, 6, 18, [7], [7], [1], [1], [3], [3])).Of(new ParameterMatrix(3, 18, 21)),
    ];

    /// <summary>The same with the parameter that the block is a part of.</summary>
    public BlockCase Of(ParameterMatrix parameter) => new(
        $"{Name} of {parameter.Rows}×{parameter.Columns}",
        parameter.Offset + (parameter.Rows * parameter.Columns) + 1,
        (uploads, examples) => Build(uploads, examples) with { Parameter = parameter });

    /// <inheritdoc/>
    public override string ToString() => Name;

    public static BlockCase Dense(long length, long offset) => new($"dense {length}", offset + length + 2, (uploads, examples) =>
        new DenseBlock(examples.Length, offset, length, uploads.Floats(examples, length, 1)));

    public static BlockCase Outer(int positions, int rows, int columns, long stride, long offset) =>
        new($"outer {positions}×{rows}×{columns} in {stride}", offset + (rows * stride) + 1, (uploads, examples) => new OuterProductBlock(
            examples.Length, offset, stride, positions, rows, columns, uploads.Floats(examples, (long)positions * rows, 2),
            uploads.Floats(examples, (long)positions * columns, 3)));

    public static BlockCase Convolution(string name, ConvolutionGeometry g) =>
        new($"convolution {name}", g.WeightSize + 3, (uploads, examples) => new ConvolutionBlock(
            examples.Length, 3, g, uploads.Floats(examples, (long)g.OutputChannels * g.OutputSize, 4),
            uploads.Floats(examples, (long)g.InputChannels * g.InputSize, 5)));

    public static BlockCase Rows(int positions, int length, int table, long offset) =>
        new($"rows {positions} of {table}×{length}", offset + ((long)table * length), (uploads, examples) => new RowsBlock(
            examples.Length, offset, length, positions, uploads.Longs(examples, positions, table, 6),
            uploads.Floats(examples, (long)positions * length, 7)));
}

/// <summary>Arrays in a backend's memory, owned until disposed.</summary>
public sealed unsafe class Uploads(IKernelBackend backend) : IDisposable
{
    private readonly List<IBackendBuffer> _buffers = [];

    /// <summary>[examples, length], each example's numbers its own.</summary>
    public MemoryView Floats(int[] examples, long length, int seed) =>
        Upload(examples.SelectMany(example => TestData.Floats(length, (seed * 1000) + example)).ToArray());

    public MemoryView Longs(int[] examples, long length, long bound, int seed)
    {
        long[] values = [.. examples.SelectMany(example => TestData.Longs(length, bound, (seed * 1000) + example))];
        IBackendBuffer buffer = Add(backend.Allocate(ElementType.Int64, values.Length));
        fixed (long* source = values) backend.Copy(MemoryView.Of(source, values.Length), buffer.View);
        return buffer.View;
    }

    public MemoryView Upload(float[] values)
    {
        IBackendBuffer buffer = Add(backend.Allocate(ElementType.Float32, values.Length));
        fixed (float* source = values) backend.Copy(MemoryView.Of(source, values.Length), buffer.View);
        return buffer.View;
    }

    public float[] Download(MemoryView view)
    {
        float[] values = new float[view.Length];
        backend.Synchronize();
        fixed (float* target = values) backend.Copy(view, MemoryView.Of(target, values.Length));
        return values;
    }

    public void Dispose()
    {
        foreach (IBackendBuffer buffer in _buffers) buffer.Dispose();
    }

    private IBackendBuffer Add(IBackendBuffer buffer)
    {
        _buffers.Add(buffer);
        return buffer;
    }
}
