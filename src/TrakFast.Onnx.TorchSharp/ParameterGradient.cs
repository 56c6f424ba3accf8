using TrakFast.Kernels;
using TrakFast.Onnx.Programs;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrakFast.TorchSharp;

/// <summary>One use of a parameter in a pass: where the backward pass leaves a gradient, and the block that is made of it.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Point">The tensor whose gradient is asked for.</param>
internal abstract record ParameterGradient(string Parameter, Tensor Point)
{
    /// <summary>Leaves the factors that it was made with to a scope.</summary>
    public virtual ParameterGradient KeptBy(PassScope scope) => this;

    /// <summary>The block; its tensors belong to the current scope.</summary>
    /// <param name="gradient">The point's gradient.</param>
    /// <param name="batch">Number of examples B.</param>
    /// <param name="offset">The parameter's first coordinate.</param>
    public abstract GradientBlock Block(Tensor gradient, int batch, long offset);

    /// <summary>A gradient as a sink takes it.</summary>
    protected static MemoryView View(Tensor tensor) => TorchMemory.View(TorchMemory.Packed(tensor.detach()));
}

/// <summary>A parameter of which each example has its own copy.</summary>
internal sealed record DenseGradient(string Parameter, Tensor Point, long Length) : ParameterGradient(Parameter, Point)
{
    public override GradientBlock Block(Tensor gradient, int batch, long offset) => new DenseBlock(batch, offset, Length, View(gradient));
}

/// <summary>
/// A bias or scale, which an example reads in several places: the gradient there, times what a scale was multiplied with, summed.
/// </summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Point">The tensor whose gradient is asked for.</param>
/// <param name="Offset">The first of its elements.</param>
/// <param name="Shape">How to look at the point: [B, …], what is summed apart from what is not.</param>
/// <param name="Axes">The axes summed.</param>
internal sealed record SumGradient(string Parameter, Tensor Point, long Offset, long[] Shape, long[] Axes)
    : ParameterGradient(Parameter, Point)
{
    /// <summary>What the sum is multiplied with.</summary>
    public float Alpha { get; init; } = 1;

    /// <summary>What a scale's factor is worked out from.</summary>
    public IReadOnlyList<Tensor> Sources { get; init; } = [];

    /// <summary>A scale's factor.</summary>
    public Func<IReadOnlyList<Tensor>, Tensor>? Factor { get; init; }

    public override ParameterGradient KeptBy(PassScope scope) => this with { Sources = [.. Sources.Select(s => scope.Attach(s.detach()))] };

    public override GradientBlock Block(Tensor gradient, int batch, long offset)
    {
        Tensor terms = gradient.to_type(ScalarType.Float32).reshape(Shape);
        if (Factor is not null) terms = terms * Factor(Sources).reshape(Shape);
        Tensor sum = terms.sum(Axes);
        if (Alpha != 1) sum = sum * Alpha;
        return new DenseBlock(batch, offset + Offset, sum.numel() / batch, View(sum));
    }
}

/// <summary>A weight W in y = x·W, a matrix of a parameter.</summary>
internal sealed record MatrixGradient(string Parameter, Tensor Point, MatrixPlace Place, Tensor X, long Positions, float Alpha, bool Turned)
    : ParameterGradient(Parameter, Point)
{
    public override ParameterGradient KeptBy(PassScope scope) => this with { X = scope.Attach(X.detach()) };

    public override GradientBlock Block(Tensor gradient, int batch, long offset)
    {
        (int t, int i, int o) = (checked((int)Positions), checked((int)Place.Inputs), checked((int)Place.Outputs));
        if (Alpha != 1) gradient *= Alpha;

        // Of W·x the positions are the columns.
        MemoryView delta = View(Turned ? gradient.reshape(batch, o, t).transpose(1, 2) : gradient),
            x = View(Turned ? X.reshape(batch, i, t).transpose(1, 2) : X);
        return Place.OutputsSideBySide
            ? new OuterProductBlock(batch, offset + Place.Offset, Place.Stride, t, i, o, x, delta)
            : new OuterProductBlock(batch, offset + Place.Offset, Place.Stride, t, o, i, delta, x);
    }
}

/// <summary>A convolution's weight; a transposed convolution's, whose input and output trade places.</summary>
internal sealed record ConvolutionGradient(
    string Parameter, Tensor Point, long Offset, ConvolutionGeometry Geometry, Tensor Input, bool Transposed)
    : ParameterGradient(Parameter, Point)
{
    public override ParameterGradient KeptBy(PassScope scope) => this with { Input = scope.Attach(Input.detach()) };

    public override GradientBlock Block(Tensor gradient, int batch, long offset) => Transposed
        ? new ConvolutionBlock(batch, offset + Offset, Geometry, View(Input), View(gradient))
        : new ConvolutionBlock(batch, offset + Offset, Geometry, View(gradient), View(Input));
}

/// <summary>A table of which each example picks rows.</summary>
internal sealed record RowsGradient(string Parameter, Tensor Point, long Offset, long RowLength, Tensor Ids)
    : ParameterGradient(Parameter, Point)
{
    public override ParameterGradient KeptBy(PassScope scope) => this with { Ids = scope.Attach(Ids.contiguous()) };

    public override GradientBlock Block(Tensor gradient, int batch, long offset) => new RowsBlock(
        batch, offset + Offset, checked((int)RowLength), checked((int)(Ids.numel() / batch)), TorchMemory.View(Ids), View(gradient));
}

/// <summary>Where a matrix W [inputs, outputs] lies in a parameter, such that a block of factors can say it.</summary>
/// <param name="Offset">Its first element.</param>
/// <param name="Inputs">Rows.</param>
/// <param name="Outputs">Columns.</param>
/// <param name="Stride">Elements between two rows, or two columns where those lie together.</param>
/// <param name="OutputsSideBySide">Whether a row's elements lie together.</param>
internal sealed record MatrixPlace(long Offset, long Inputs, long Outputs, long Stride, bool OutputsSideBySide)
{
    /// <summary>The place of a matrix with these strides; null where no block can say it.</summary>
    public static MatrixPlace? Of(ParameterElements view, long inputStride, long outputStride, long inputs, long outputs)
    {
        if ((outputStride == 1 || outputs == 1) && (inputStride >= outputs || inputs == 1))
            return new MatrixPlace(view.Offset, inputs, outputs, Math.Max(inputStride, outputs), true);
        if ((inputStride == 1 || inputs == 1) && (outputStride >= inputs || outputs == 1))
            return new MatrixPlace(view.Offset, inputs, outputs, Math.Max(outputStride, inputs), false);
        return null;
    }
}
