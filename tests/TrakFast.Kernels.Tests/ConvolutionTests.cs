namespace TrakFast.Kernels.Tests;

internal sealed unsafe class ConvolutionTests
{
    public static IEnumerable<TestCaseData> Geometries()
    {
        yield return Case("3×3, padded", 1, 3, 5, [7, 6], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);
        yield return Case("pointwise", 1, 6, 4, [5, 5], [1, 1], [1, 1], [1, 1], [0, 0], [0, 0]);
        yield return Case("pointwise, strided", 1, 6, 4, [5, 6], [1, 1], [2, 2], [1, 1], [0, 0], [0, 0]);
        yield return Case("strided, dilated, uneven pads", 2, 4, 6, [11, 9], [3, 2], [2, 3], [2, 1], [2, 0], [1, 3]);
        yield return Case("depthwise", 4, 4, 4, [6, 8], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);
        yield return Case("grouped pointwise", 3, 6, 9, [4, 4], [1, 1], [1, 1], [1, 1], [0, 0], [0, 0]);
        yield return Case("one axis", 1, 2, 3, [20], [5], [2], [1], [2], [2]);
        yield return Case("three axes", 1, 2, 3, [4, 5, 6], [2, 3, 2], [1, 2, 1], [1, 1, 2], [1, 1, 0], [0, 1, 2]);
        yield return Case("kernel larger than the input", 1, 1, 2, [2, 2], [5, 5], [1, 1], [1, 1], [2, 2], [2, 2]);
        yield return Case("pads wider than the kernel", 1, 1, 1, [3, 3], [2, 2], [1, 1], [1, 1], [3, 3], [3, 3]);
        yield return Case("patches", 1, 3, 16, [16, 16], [4, 4], [4, 4], [1, 1], [0, 0], [0, 0]);
        yield return Case("wide", 1, 16, 40, [9, 9], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);

        // Maps that lie side by side on the raster, and what makes its lines uneven.
        yield return Case("digits, first layer", 1, 1, 16, [8, 8], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);
        yield return Case("few channels to few", 1, 2, 4, [7, 5], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);
        yield return Case("depthwise, more outputs", 3, 3, 12, [5, 5], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);
        yield return Case("digits, 4×4", 1, 16, 32, [4, 4], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);
        yield return Case("one position", 1, 5, 7, [3, 3], [3, 3], [1, 1], [1, 1], [0, 0], [0, 0]);
        yield return Case("dilated, uneven pads, even kernel", 1, 7, 9, [9, 5], [2, 4], [1, 1], [3, 1], [2, 0], [0, 3]);
        yield return Case("dilated along the line", 1, 20, 6, [5, 11], [3, 3], [1, 1], [1, 3], [1, 3], [1, 2]);
        yield return Case("grouped 3×3", 3, 12, 15, [6, 5], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);
        yield return Case("deeper than a depth block", 1, 70, 18, [5, 5], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);
        yield return Case("channels that fill cache lines", 1, 64, 33, [6, 6], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);
        yield return Case("longer than a stretch", 1, 2, 3, [41, 37], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);
        yield return Case("one long line", 1, 3, 4, [3000], [7], [1], [2], [6], [6]);
        yield return Case("three axes, stride 1", 1, 3, 5, [4, 3, 5], [3, 2, 3], [1, 1, 1], [1, 2, 1], [1, 1, 2], [1, 1, 0]);
        yield return Case("one pad behind", 1, 4, 4, [6, 6], [2, 2], [1, 1], [1, 1], [0, 0], [1, 1]);

        // Tiles of 4 × 4: none whole, uneven pads, pads wider and narrower than the kernel wants, phases, depths of several blocks.
        yield return Case("tiles", 1, 24, 25, [9, 7], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);
        yield return Case("tiles, whole", 1, 33, 24, [8, 12], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);
        yield return Case("tiles, no pads", 1, 26, 31, [8, 8], [3, 3], [1, 1], [1, 1], [0, 0], [0, 0]);
        yield return Case("tiles, uneven pads", 1, 24, 24, [10, 6], [3, 3], [1, 1], [1, 1], [2, 0], [0, 1]);
        yield return Case("tiles, wide pads", 1, 24, 24, [6, 5], [3, 3], [1, 1], [1, 1], [4, 3], [3, 4]);
        yield return Case("tiles, 5×5 stride 2", 1, 24, 26, [13, 16], [5, 5], [2, 2], [1, 1], [2, 2], [2, 2]);
        yield return Case("tiles, 6×5 stride 2, uneven pads", 1, 25, 24, [17, 12], [6, 5], [2, 2], [1, 1], [1, 3], [2, 0]);
        yield return Case("tiles, 3×5 strides 1 and 2", 1, 24, 24, [9, 17], [3, 5], [1, 2], [1, 1], [1, 2], [1, 1]);
        yield return Case("tiles, deep", 1, 290, 24, [7, 7], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);
        yield return Case("tiles, long lines", 1, 24, 24, [5, 70], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]);

        // What products of patches take apart: phases of strides, long lines, maps smaller than a vector.
        yield return Case("3×3 stride 2", 1, 9, 17, [12, 11], [3, 3], [2, 2], [1, 1], [1, 1], [1, 1]);
        yield return Case("stride 3, dilated by 2", 1, 3, 8, [15, 22], [3, 4], [3, 3], [2, 2], [2, 1], [0, 3]);
        yield return Case("stride 2, dilated by 2", 1, 3, 8, [15, 22], [3, 3], [2, 2], [2, 2], [2, 2], [2, 2]);
        yield return Case("stride larger than the kernel", 1, 3, 8, [11, 14], [2, 2], [3, 4], [1, 1], [1, 0], [0, 1]);
        yield return Case("7×7 stride 2", 1, 3, 20, [30, 29], [7, 7], [2, 2], [1, 1], [3, 3], [3, 3]);
        yield return Case("one long line, stride 2", 1, 3, 7, [2500], [5], [2], [1], [2], [1]);
        yield return Case("grouped, strided", 5, 15, 10, [9, 9], [3, 3], [2, 2], [1, 1], [1, 1], [1, 1]);
        yield return Case("pointwise, 49 positions", 1, 40, 50, [7, 7], [1, 1], [1, 1], [1, 1], [0, 0], [0, 0]);
        yield return Case("pointwise, 64 positions", 2, 40, 50, [8, 8], [1, 1], [1, 1], [1, 1], [0, 0], [0, 0]);
        yield return Case("three axes, stride 2", 1, 3, 5, [7, 6, 9], [3, 3, 3], [2, 2, 2], [1, 1, 1], [1, 1, 1], [1, 1, 1]);
        yield return Case("depthwise, stride 2", 9, 9, 9, [13, 20], [3, 3], [2, 2], [1, 1], [1, 1], [1, 1]);
        yield return Case("depthwise, 5×5", 4, 4, 4, [11, 21], [5, 5], [1, 1], [1, 1], [2, 2], [2, 2]);
        yield return Case("depthwise, dilated", 4, 4, 8, [11, 21], [3, 3], [1, 1], [2, 3], [2, 3], [2, 3]);
        yield return Case("depthwise, one axis", 6, 6, 6, [100], [4], [1], [1], [3], [0]);

        static TestCaseData Case(
            string name, int groups, int inputs, int outputs, int[] input, int[] kernel, int[] strides,
            int[] dilations, int[] begin, int[] end) =>
            new TestCaseData(new ConvolutionGeometry(groups, inputs, outputs, input, kernel, strides, dilations, begin, end))
                .SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Geometries))]
    public void ForwardMatchesTheReference(ConvolutionGeometry g)
    {
        foreach (int batch in (ReadOnlySpan<int>)[1, 3])
        {
            float[] input = TestData.Floats(batch * g.InputChannels * g.InputSize, 1),
                weight = TestData.Floats(g.WeightSize, 2),
                bias = TestData.Floats(g.OutputChannels, 3);
            int length = g.OutputChannels * g.OutputSize;
            float[] output = TestData.Floats(batch * length, 4);
            double[] expected = new double[batch * length];
            fixed (float* x = input, w = weight, b = bias, y = output)
            fixed (double* e = expected)
            {
                foreach (bool biased in (ReadOnlySpan<bool>)[true, false])
                {
                    Array.Clear(expected);
                    float* biasOrNull = biased ? b : null;
                    ConvolutionKernels.Forward(new Workers(2), g, batch, x, w, biasOrNull, y);
                    for (int i = 0; i < batch; i++)
                        ReferenceConvolution.Forward(g, x + (i * g.InputChannels * g.InputSize), w, biasOrNull, e + (i * length));
                    Assert.That(TestData.Error(output, expected), Is.LessThan(2e-6));
                }
            }
        }
    }

    [TestCaseSource(nameof(Geometries))]
    public void InputGradientMatchesTheReference(ConvolutionGeometry g)
    {
        foreach (int batch in (ReadOnlySpan<int>)[1, 3])
        {
            int inputLength = g.InputChannels * g.InputSize, outputLength = g.OutputChannels * g.OutputSize;
            float[] delta = TestData.Floats(batch * outputLength, 1),
                weight = TestData.Floats(g.WeightSize, 2),
                gradient = TestData.Floats(batch * inputLength, 4);
            double[] expected = [.. gradient];
            fixed (float* d = delta, w = weight, y = gradient)
            fixed (double* e = expected)
            {
                ConvolutionKernels.InputGradient(new Workers(2), g, batch, d, w, y);
                for (int i = 0; i < batch; i++) ReferenceConvolution.InputGradient(g, d + (i * outputLength), w, e + (i * inputLength));
            }

            Assert.That(TestData.Error(gradient, expected), Is.LessThan(2e-6));
        }
    }

    [TestCaseSource(nameof(Geometries))]
    public void WeightGradientSumMatchesTheReferenceOnAnyNumberOfThreads(ConvolutionGeometry g)
    {
        int inputLength = g.InputChannels * g.InputSize,
            outputLength = g.OutputChannels * g.OutputSize,
            groupChannels = g.InputChannels / g.Groups;
        foreach (int batch in (ReadOnlySpan<int>)[1, 3, 40])
        {
            if (batch > 3 && (long)batch * g.WeightSize * g.OutputSize > 20_000_000) continue;
            float[] input = TestData.Floats(batch * inputLength, 1),
                delta = TestData.Floats(batch * outputLength, 2),
                before = TestData.Floats(g.WeightSize, 3);
            float[] gradient = [.. before], again = [.. before];
            fixed (float* x = input, d = delta, y = gradient, z = again)
            {
                ConvolutionKernels.WeightGradientSum(Workers.Single, g, batch, x, d, y);
                ConvolutionKernels.WeightGradientSum(new Workers(3), g, batch, x, d, z);
            }

            double[] expected = [.. before];
            for (int row = 0; row < g.OutputChannels * g.UnfoldedRows; row++)
            {
                (int o, int unfolded) = Math.DivRem(row, g.UnfoldedRows);
                int channel = (o / (g.OutputChannels / g.Groups) * groupChannels) + (unfolded / g.KernelSize);
                for (int p = 0; p < g.OutputSize; p++)
                {
                    long at = GradientMatrix.InputPosition(g, p, unfolded % g.KernelSize);
                    for (int b = 0; b < batch && at >= 0; b++)
                        expected[row] += (double)delta[(b * outputLength) + (o * g.OutputSize) + p]
                            * input[(b * inputLength) + (channel * g.InputSize) + at];
                }
            }

            Assert.That(TestData.Error(gradient, expected), Is.LessThan(2e-6));
            TestData.AssertSameBits(again, gradient, "threads");
        }
    }

    [TestCaseSource(nameof(Geometries))]
    public void AnExampleDoesNotDependOnItsBatch(ConvolutionGeometry g)
    {
        const int Batch = 23;
        int inputLength = g.InputChannels * g.InputSize, outputLength = g.OutputChannels * g.OutputSize;
        float[] input = TestData.Floats(Batch * inputLength, 1),
            weight = TestData.Floats(g.WeightSize, 2),
            delta = TestData.Floats(Batch * outputLength, 3);
        float[] output = new float[Batch * outputLength],
            gradient = new float[Batch * inputLength],
            one = new float[outputLength],
            oneGradient = new float[inputLength];
        fixed (float* x = input, w = weight, d = delta, y = output, dx = gradient, y1 = one, dx1 = oneGradient)
        {
            ConvolutionKernels.Forward(new Workers(2), g, Batch, x, w, null, y);
            ConvolutionKernels.InputGradient(new Workers(2), g, Batch, d, w, dx);
            for (int i = 0; i < Batch; i++)
            {
                Array.Clear(oneGradient);
                ConvolutionKernels.Forward(new Workers(3), g, 1, x + (i * inputLength), w, null, y1);
                ConvolutionKernels.InputGradient(Workers.Single, g, 1, d + (i * outputLength), w, dx1);
                TestData.AssertSameBits(one, output.AsSpan(i * outputLength, outputLength), "output");
                TestData.AssertSameBits(oneGradient, gradient.AsSpan(i * inputLength, inputLength), "input gradient");
            }
        }
    }

    [TestCaseSource(nameof(Geometries))]
    public void UnfoldPicksWhatEachTapSeesAndItsTransposePutsItBack(ConvolutionGeometry g)
    {
        int rows = g.UnfoldedRows, positions = g.OutputSize, groupChannels = g.InputChannels / g.Groups;
        float[] input = TestData.Floats((long)g.InputChannels * g.InputSize, 1),
            columns = TestData.Floats((long)rows * positions, 2),
            back = new float[input.Length];
        for (int group = 0; group < g.Groups; group++)
        {
            double[] expectedBack = new double[back.Length];
            Array.Clear(back);
            fixed (float* x = input, c = columns, r = back)
            {
                Unfold.Forward(g, group, x, c);
                Unfold.Backward(g, group, c, r);
            }

            for (int row = 0; row < rows; row++)
            {
                for (int p = 0; p < positions; p++)
                {
                    long at = GradientMatrix.InputPosition(g, p, row % g.KernelSize);
                    int channel = (group * groupChannels) + (row / g.KernelSize);
                    float expected = at < 0 ? 0 : input[(channel * g.InputSize) + at];
                    Assert.That(columns[(row * positions) + p], Is.EqualTo(expected));
                    if (at >= 0) expectedBack[(channel * g.InputSize) + at] += expected;
                }
            }

            Assert.That(TestData.Error(back, expectedBack), Is.LessThan(1e-6));
        }
    }

    [Test]
    public void AHandComputedConvolution()
    {
        ConvolutionGeometry g = new(1, 1, 1, [2, 2], [2, 2], [1, 1], [1, 1], [0, 0], [0, 1]);
        float[] x = [1, 2, 3, 4], w = [1, 10, 100, 1000], b = [5], y = new float[2];
        fixed (float* px = x, pw = w, pb = b, py = y) ConvolutionKernels.Forward(Workers.Single, g, 1, px, pw, pb, py);
        Assert.That(y, Is.EqualTo(new float[] { 1 + 20 + 300 + 4000 + 5, 2 + 400 + 5 }));
    }
}
