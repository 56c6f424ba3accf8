using TrakFast.Kernels;
using TrakFast.Onnx.Programs;

namespace TrakFast.Onnx;

/// <summary>
/// Matrix products as numpy.matmul: stacks of matrices broadcast, and an operand of one axis is a row or a column. An
/// example's part is a product of its own; a product along the examples is refused.
/// </summary>
internal sealed unsafe class MatMul : Operator
{
    private readonly MatMulShape _shape;
    private readonly float _alpha = 1;
    private readonly bool _turned;

    public MatMul(NodeBuilder node)
        : base(node, inputs: 2)
    {
        Value a = node.Floats(0), b = node.Floats(1);
        (_shape, Placement placement) = MatMulShape.Of(node, a, b);
        node.Float(_shape.Result, placement);
    }

    private MatMul(MatMul from, MatMulShape? shape = null, float alpha = 1, bool turned = false)
        : base(from) => (_shape, _alpha, _turned) = (shape ?? from._shape, from._alpha * alpha, from._turned || turned);

    /// <summary>Whether B is one weight for all rows of the batch, so that the whole batch is one product.</summary>
    /// <param name="b">B.</param>
    public bool IsLayer(Value b) => !b.Separate && _shape.OneB;

    /// <summary>
    /// The same product of operands of which one is read where it lies before its axes were permuted; null where it cannot be.
    /// </summary>
    /// <param name="operand">Which operand.</param>
    /// <param name="strides">Elements between neighbors along the axes that the product sees.</param>
    public MatMul? Reading(int operand, long[] strides) =>
        _shape.WithOperand(operand, strides) is { } shape ? new MatMul(this, shape) : null;

    /// <summary>The same product, written where its axes go when they are permuted; null where it cannot be.</summary>
    public MatMul? Writing(long[] strides) => _shape.WithResult(strides) is { } shape ? new MatMul(this, shape) : null;

    /// <summary>The same layer, its weight given as [N, K].</summary>
    public MatMul? WithTurnedWeight() => _shape.WithOperand(1, [1, _shape.K]) is { } shape ? new MatMul(this, shape, turned: true) : null;

    /// <summary>The product times a number; null where an operand is repeated along the stack.</summary>
    public MatMul? Times(float factor) =>
        factor == 1 ? this : _shape.A.Repeated || _shape.B.Repeated ? null : new MatMul(this, alpha: factor);

    public override StepFacts? Facts => _shape.Facts;

    public override bool KeepsInput(int input, bool[] wants) => wants[1 - input];

    public override bool EmitsBlocks(int input) => true;

    public override void Forward(ForwardContext context)
    {
        Tensor a = context.Input(0), b = context.Input(1), y = context.Output;
        if (IsLayer(b.Value))
        {
            Sgemm.Multiply(
                context.Workers, false, _shape.B.ColumnsFirst, y.Parts * _shape.RowsOfA, _shape.N, _shape.K, a.Data, _shape.K, b.Data,
                _shape.B.Leading, y.Data, _shape.N, accumulate: false);
            return;
        }

        StackedProduct.Run(
            context.Workers, (_shape.M, _shape.N, _shape.K), _alpha, y.Parts, _shape.Stacks,
            new(_shape.A, a.Data, a.Stride), new(_shape.B, b.Data, b.Stride), new(_shape.Y, y.Data, y.Length));
    }

    public override void Backward(BackwardContext context)
    {
        Tensor a = context.Input(0), b = context.Input(1);
        if (context.Wants(1) && !TryEmitB(context, a)) GiveB(context, a, b);
        if (context.Wants(0) && !TryEmitA(context, b)) GiveA(context, a, b);
    }

    // x·W: the weight behind the examples. An x that all examples share is no factor of [B, T, I].
    private bool TryEmitB(BackwardContext context, Tensor a)
    {
        if (!a.Separate || !_shape.OneB || context.Use(1) is not { } use || use.Strides.Length < 2) return false;
        (long inputs, long outputs) = _turned ? (use.Strides[^1], use.Strides[^2]) : (use.Strides[^2], use.Strides[^1]);
        return MatrixBlocks.TryEmit(context, use.Offset, inputs, outputs, _shape.RowsOfA, _shape.K, _shape.N, a.Data, context.Gradient);
    }

    // W·x: the weight before the examples. Positions are the columns of x, so both factors are transposed first.
    private bool TryEmitA(BackwardContext context, Tensor b)
    {
        if (!b.Separate || _shape.Stacks != 1 || context.Use(0) is not { } use || use.Strides.Length < 2) return false;
        if (use.Strides[^1] != 1 && use.Strides[^2] != 1) return false;
        NativeBuffer<float> x = context.Rent(b.Total), delta = context.Rent(context.Batch * _shape.M * _shape.N);
        Transpose.Permute(context.Workers, context.Batch, [_shape.K, _shape.N], [1, 0], b.Data, x.Pointer);
        Transpose.Permute(context.Workers, context.Batch, [_shape.M, _shape.N], [1, 0], context.Gradient, delta.Pointer);
        bool emitted = MatrixBlocks.TryEmit(
            context, use.Offset, use.Strides[^1], use.Strides[^2], _shape.N, _shape.K, _shape.M, x.Pointer, delta.Pointer);
        context.Return(x);
        context.Return(delta);
        return emitted;
    }

    private void GiveA(BackwardContext context, Tensor a, Tensor b)
    {
        if (IsLayer(b.Value))
        {
            NativeBuffer<float> rows = context.RentFor(0);
            Sgemm.Multiply(
                context.Workers, false, !_shape.B.ColumnsFirst, context.Batch * _shape.RowsOfA, _shape.K, _shape.N, context.Gradient,
                _shape.N, b.Data, _shape.B.Leading, rows.Pointer, _shape.K, accumulate: false);
            context.Give(0, rows);
            return;
        }

        NativeBuffer<float> gradient = _shape.A.Repeated ? context.RentZero(0) : context.RentFor(0);
        StackedProduct.Run(
            context.Workers,
            (_shape.M, _shape.K, _shape.N),
            _alpha,
            context.Batch,
            _shape.Stacks,
            new(_shape.Y, context.Gradient, context.Output.Length),
            new(_shape.B.Turned, b.Data, b.Stride),
            new(_shape.A, gradient.Pointer, a.Length));
        context.Give(0, gradient);
    }

    private void GiveB(BackwardContext context, Tensor a, Tensor b)
    {
        NativeBuffer<float> gradient = _shape.B.Repeated ? context.RentZero(1) : context.RentFor(1);
        StackedProduct.Run(
            context.Workers,
            (_shape.K, _shape.N, _shape.M),
            _alpha,
            context.Batch,
            _shape.Stacks,
            new(_shape.A.Turned, a.Data, a.Stride),
            new(_shape.Y, context.Gradient, context.Output.Length),
            new(_shape.B, gradient.Pointer, b.Length));
        context.Give(1, gradient);
    }
}
