namespace TrakFast.Kernels.Tests;

/// <summary>Gradients written out: tiles of outer products, and convolutions by groups large and small.</summary>
internal sealed class GradientKernelTests
{
    [TestCase(1, 70, 60)]
    [TestCase(3, 5, 900)]
    [TestCase(17, 70, 33)]
    [TestCase(5, 1100, 3)]
    [TestCase(300, 9, 7)]
    public void OuterProductsMatchTheirDefinition(int positions, int rows, int columns)
    {
        int stride = columns + 3, p = (rows * stride) + 5;
        foreach (bool alongPositions in (ReadOnlySpan<bool>)[false, true])
        {
            float[] expected = Write(true), actual = Write(false);
            Assert.That(
                TestData.Error(actual, [.. expected.Select(static x => (double)x)]), Is.LessThan(1e-6),
                $"along positions: {alongPositions}");

            float[] Write(bool reference)
            {
                using IlgpuDevice device = new();
                using DeviceBackend backend = new(device, Workers.Single);
                using Uploads uploads = new(backend);
                FactoredBlock block = FactoredBlock.Of(new OuterProductBlock(
                    2, 4, stride, positions, rows, columns, uploads.Upload(TestData.Floats(2L * positions * rows, 1)),
                    uploads.Upload(TestData.Floats(2L * positions * columns, 2))));
                if (alongPositions)
                    block = block with { LeftPosition = 1, LeftRow = positions, RightPosition = 1, RightColumn = positions };
                MemoryView gradients = uploads.Upload(TestData.Floats(2L * p, 3));
                if (reference) GradientLaunches.AddByReference(device, block, gradients);
                else GradientLaunches.Add(device, block, gradients);
                return uploads.Download(gradients);
            }
        }
    }

    [Test]
    public void SmallGroupsMatchTheirDefinition()
    {
        ConvolutionGeometry geometry = new(3, 6, 9, [9, 8], [3, 2], [2, 1], [1, 2], [1, 0], [1, 1]);
        float[] expected = Write(true), actual = Write(false);
        Assert.That(TestData.Error(actual, [.. expected.Select(static x => (double)x)]), Is.LessThan(1e-6));

        float[] Write(bool reference)
        {
            using IlgpuDevice device = new();
            using DeviceScratch scratch = new(device);
            using DeviceBackend backend = new(device, Workers.Single);
            using Uploads uploads = new(backend);
            ConvolutionBlock block = (ConvolutionBlock)BlockCase.Convolution("small groups", geometry).Build(uploads, [0, 1]);
            MemoryView gradients = uploads.Upload(new float[2 * geometry.WeightSize]);
            if (reference) ConvolutionLaunches.WriteByReference(device, scratch, block, gradients);
            else ConvolutionLaunches.Write(device, scratch, block, gradients);
            return uploads.Download(gradients);
        }
    }

    public static IReadOnlyList<BlockCase> Convolutions { get; } =
    [
        BlockCase.Convolution("large groups", new ConvolutionGeometry(2, 64, 128, [3, 2], [3, 3], [1, 1], [1, 1], [1, 1], [0, 1])),
        BlockCase.Convolution("large groups of 1×1", new ConvolutionGeometry(2, 256, 256, [2], [1], [1], [1], [0], [0])),
        BlockCase.Convolution("small groups", new ConvolutionGeometry(2, 6, 4, [6], [3], [1], [1], [1], [1])),
        BlockCase.Convolution("1×1 of stride 2", new ConvolutionGeometry(1, 5, 6, [5, 4], [1, 1], [2, 2], [1, 1], [0, 0], [0, 0])),
    ];

    /// <summary>With scratch for everything, and with so little that examples come one by one.</summary>
    [Test]
    public void ConvolutionsMatchTheHosts([ValueSource(nameof(Convolutions))] BlockCase block, [Values(1L << 28, 1L)] long budget)
    {
        int[] examples = [0, 1, 2];
        int p = (int)block.Parameters;
        Projection projection = new(ProjectionKind.None, p, 0, 0);
        using CpuBackend host = new(Workers.Single);
        using Uploads hostUploads = new(host);
        MemoryView expected = hostUploads.Upload(new float[examples.Length * p]);
        host.Project(projection, block.Build(hostUploads, examples), expected);

        using IlgpuDevice device = new();
        using DeviceScratch scratch = new(device, budget);
        using DeviceBackend backend = new(device, Workers.Single);
        using Uploads uploads = new(backend);
        MemoryView features = uploads.Upload(new float[examples.Length * p]);
        new ProjectionLaunches(device, scratch, projection, DeviceArithmetic.TensorCores).Project(block.Build(uploads, examples), features);
        Assert.That(
            TestData.Error(uploads.Download(features), [.. hostUploads.Download(expected).Select(static x => (double)x)]),
            Is.LessThan(1e-6));
    }
}
