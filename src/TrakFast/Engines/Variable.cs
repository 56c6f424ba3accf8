namespace TrakFast;

/// <summary>
/// A small differentiable float32 array: everything a task needs and nothing a network needs. Each engine has its own
/// kind, so a task is written once and runs on any of them. Shapes broadcast as in NumPy. Axes may be negative, counted
/// from the last.
/// </summary>
public abstract class Variable
{
    /// <summary>Sizes of the axes; empty for a scalar.</summary>
    public abstract IReadOnlyList<long> Shape { get; }

    /// <summary>Element-wise sum.</summary>
    public static Variable operator +(Variable left, Variable right) => left.Add(right);

    /// <summary>Adds a number to every element.</summary>
    public static Variable operator +(Variable left, float right) => left.Add(left.Constant(right));

    /// <summary>Adds a number to every element.</summary>
    public static Variable operator +(float left, Variable right) => right.Constant(left).Add(right);

    /// <summary>Element-wise difference.</summary>
    public static Variable operator -(Variable left, Variable right) => left.Subtract(right);

    /// <summary>Subtracts a number from every element.</summary>
    public static Variable operator -(Variable left, float right) => left.Subtract(left.Constant(right));

    /// <summary>Subtracts every element from a number.</summary>
    public static Variable operator -(float left, Variable right) => right.Constant(left).Subtract(right);

    /// <summary>Element-wise product.</summary>
    public static Variable operator *(Variable left, Variable right) => left.Multiply(right);

    /// <summary>Multiplies every element by a number.</summary>
    public static Variable operator *(Variable left, float right) => left.Multiply(left.Constant(right));

    /// <summary>Multiplies every element by a number.</summary>
    public static Variable operator *(float left, Variable right) => right.Constant(left).Multiply(right);

    /// <summary>Element-wise quotient.</summary>
    public static Variable operator /(Variable left, Variable right) => left.Divide(right);

    /// <summary>Divides every element by a number.</summary>
    public static Variable operator /(Variable left, float right) => left.Divide(left.Constant(right));

    /// <summary>Divides a number by every element.</summary>
    public static Variable operator /(float left, Variable right) => right.Constant(left).Divide(right);

    /// <summary>Negates every element.</summary>
    public static Variable operator -(Variable value) => value.Negate();

    /// <summary>Element-wise sum.</summary>
    public abstract Variable Add(Variable other);

    /// <summary>Element-wise difference.</summary>
    public abstract Variable Subtract(Variable other);

    /// <summary>Element-wise product.</summary>
    public abstract Variable Multiply(Variable other);

    /// <summary>Element-wise quotient.</summary>
    public abstract Variable Divide(Variable other);

    /// <summary>Matrix product of two matrices, [M, K] · [K, N] → [M, N], or of two stacks of them with equal leading axes.</summary>
    public abstract Variable MatMul(Variable other);

    /// <summary>−x for every element.</summary>
    public abstract Variable Negate();

    /// <summary>eˣ for every element.</summary>
    public abstract Variable Exp();

    /// <summary>The natural logarithm of every element.</summary>
    public abstract Variable Log();

    /// <summary>1 / (1 + e⁻ˣ) for every element.</summary>
    public abstract Variable Sigmoid();

    /// <summary>tanh for every element.</summary>
    public abstract Variable Tanh();

    /// <summary>Sum over all elements: a scalar.</summary>
    public abstract Variable Sum();

    /// <summary>Sum along an axis, which is kept with size 1 or dropped.</summary>
    public abstract Variable Sum(int axis, bool keepAxis = false);

    /// <summary>Mean along an axis, which is kept with size 1 or dropped.</summary>
    public abstract Variable Mean(int axis, bool keepAxis = false);

    /// <summary>log Σ eˣ along an axis, which is dropped; −∞ where every element is −∞ or none is left.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="without">
    /// For each sum the position of the one element to leave out: whole numbers of this shape, with size 1 along the axis.
    /// Null leaves out none.
    /// </param>
    public abstract Variable LogSumExp(int axis, DataArray? without = null);

    /// <summary>eˣ / Σ eˣ along an axis.</summary>
    public abstract Variable Softmax(int axis);

    /// <summary>Along an axis, the elements at the given positions (as torch.gather); the result has the indices' shape.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="indices">Whole numbers, of the same rank; every other axis no longer than this one's.</param>
    public abstract Variable Gather(int axis, DataArray indices);

    /// <summary>The value where the mask holds, the element elsewhere.</summary>
    /// <param name="mask">Truth values that broadcast to this shape.</param>
    /// <param name="value">May be infinite.</param>
    public abstract Variable MaskedFill(DataArray mask, float value);

    /// <summary>The same elements under another shape; one size may be −1.</summary>
    public abstract Variable Reshape(params long[] shape);

    /// <summary>Swaps two axes.</summary>
    public abstract Variable Transpose(int axis0, int axis1);

    /// <summary>The same values, through which no gradient flows.</summary>
    public abstract Variable Detach();

    /// <summary>A constant of this engine.</summary>
    public abstract Variable Constant(DataArray values);

    /// <summary>A scalar constant of this engine.</summary>
    public Variable Constant(float value) => Constant(DataArray.From([value], []));

    /// <summary>
    /// ∂(Σ this)/∂input, of the input's shape, taken through the operations between the two.
    /// </summary>
    /// <param name="input">A variable this one was computed from.</param>
    public abstract Variable GradientWith(Variable input);

    /// <summary>Copies the values out, row-major.</summary>
    public abstract float[] ToArray();
}
