using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;
using Registers = ILGPU.Backends.RegisterAllocator<ILGPU.Backends.PTX.PTXRegisterKind>;

namespace TrakFast.Kernels;

/// <summary>Two words, loaded and stored at once.</summary>
internal struct Words2
{
    /// <summary>Words 0 and 1.</summary>
    public uint X, Y;
}

/// <summary>Four words, loaded and stored at once.</summary>
internal struct Words4
{
    /// <summary>Words 0 to 3.</summary>
    public uint X, Y, Z, W;
}

/// <summary>Four numbers, loaded and stored at once.</summary>
internal struct Float4
{
    /// <summary>Numbers 0 to 3.</summary>
    public float X, Y, Z, W;

    /// <summary>Adds other numbers.</summary>
    public readonly Float4 Plus(Float4 other)
    {
        Float4 sum;
        sum.X = X + other.X;
        sum.Y = Y + other.Y;
        sum.Z = Z + other.Z;
        sum.W = W + other.W;
        return sum;
    }

    /// <summary>These times a number, plus others, each rounded once.</summary>
    public readonly Float4 Times(float factor, Float4 others)
    {
        Float4 sum;
        sum.X = DeviceOperations.Fma(X, factor, others.X);
        sum.Y = DeviceOperations.Fma(Y, factor, others.Y);
        sum.Z = DeviceOperations.Fma(Z, factor, others.Z);
        sum.W = DeviceOperations.Fma(W, factor, others.W);
        return sum;
    }
}

/// <summary>
/// A lane's part of a 16 × 16 matrix of float32, each the sum of three bfloat16: word w of lane 4g + q holds row
/// g + 8·(w mod 2), columns 2q + 8·⌊w / 2⌋ and the next, the first in the low half.
/// </summary>
internal struct SplitFragment
{
    /// <summary>The high, the middle and the low numbers.</summary>
    public Words4 High, Middle, Low;
}

/// <summary>Products of small matrices on tensor cores, by a whole warp.</summary>
internal static unsafe class TensorCore
{
    private const string Instruction = "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32";

    /// <summary>Makes the operations known to a context.</summary>
    public static void Register(Context.Builder builder) => DeviceOperations.Register(builder, typeof(TensorCore), nameof(Multiply), nameof(EmitMultiply));

    /// <summary>
    /// left [16, 16] · right [16, 8]; right is bfloat16, and word w of lane 4g + q holds its rows 2q + 8w and the next of column g. The
    /// lane gets the products' elements (g, 2q), (g, 2q + 1), (g + 8, 2q) and (g + 8, 2q + 1).
    /// Three instructions, the low numbers first. Tensor cores cut sums off instead of rounding them, so a chain is kept this
    /// short and its result added to the rest by an ordinary addition (Ootomo and Yokota, «Recovering single precision accuracy
    /// from Tensor Cores», 2022).
    /// </summary>
    [IntrinsicImplementation]
    public static Float4 Multiply(SplitFragment left, uint right0, uint right1)
    {
        // Every lane shows the warp its words, and reads those that it needs.
        int lane = Warp.LaneIdx;
        nint memory = lane == 0 ? Marshal.AllocHGlobal(32 * 14 * sizeof(uint)) : 0;
        uint* shown = (uint*)Warp.Shuffle((long)memory, 0), own = shown + (14 * lane);
        *(SplitFragment*)own = left;
        own[12] = right0;
        own[13] = right1;
        Warp.Barrier();
        Float4 sum = default;
        for (int part = 2; part >= 0; part--)
        {
            sum.X = Dot(shown, part, lane / 4, 2 * (lane % 4), sum.X);
            sum.Y = Dot(shown, part, lane / 4, (2 * (lane % 4)) + 1, sum.Y);
            sum.Z = Dot(shown, part, (lane / 4) + 8, 2 * (lane % 4), sum.Z);
            sum.W = Dot(shown, part, (lane / 4) + 8, (2 * (lane % 4)) + 1, sum.W);
        }

        Warp.Barrier();
        if (lane == 0) Marshal.FreeHGlobal(memory);
        return sum;
    }

    /// <summary>Compiles <see cref="Multiply"/>.</summary>
    public static void EmitMultiply(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        MethodCall call = (MethodCall)value;
        string[] left = [.. Names(generator.Load(call.Nodes[0]))];
        string right = $"{{{Name(generator.LoadHardware(call.Nodes[1]))}, {Name(generator.LoadHardware(call.Nodes[2]))}}}";
        string sum = $"{{{string.Join(", ", Names(generator.Allocate(value)))}}}";
        generator.Builder.AppendLine("\t{ .reg .f32 zero; mov.f32 zero, 0f00000000;");
        generator.Builder.AppendLine($"\t{Instruction} {sum}, {{{string.Join(", ", left[8..])}}}, {right}, {{zero, zero, zero, zero}}; }}");
        generator.Builder.AppendLine($"\t{Instruction} {sum}, {{{string.Join(", ", left[4..8])}}}, {right}, {sum};");
        generator.Builder.AppendLine($"\t{Instruction} {sum}, {{{string.Join(", ", left[..4])}}}, {right}, {sum};");
    }

    /// <summary>
    /// sum + Σ_k left[row, k]·right[k, column], as the PTX manual lays matrices out over lanes, element by element: the element
    /// i of A lies in row g or, for i = 2, 3, 6, 7, g + 8, and column 2q + i mod 2, or 8 more for i ≥ 4.
    /// </summary>
    private static float Dot(uint* shown, int part, int row, int column, float sum)
    {
        double exact = sum;
        for (int k = 0; k < 16; k++)
        {
            int element = (k % 2) + (row >= 8 ? 2 : 0) + (k >= 8 ? 4 : 0), inner = k % 8 / 2;
            uint left = shown[(14 * ((row % 8 * 4) + inner)) + (4 * part) + (element / 2)];
            uint right = shown[(14 * ((column * 4) + inner)) + 12 + (k / 8)];
            exact += (double)Half(left, element % 2) * Half(right, k % 2);
        }

        // As tensor cores do: cut off towards zero.
        float rounded = (float)exact;
        return Math.Abs((double)rounded) > Math.Abs(exact) ? MathF.CopySign(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(MathF.Abs(rounded)) - 1), rounded) : rounded;
    }

    private static float Half(uint word, int half) => BitConverter.UInt32BitsToSingle(half == 0 ? word << 16 : word & 0xFFFF0000);

    private static IEnumerable<string> Names(Registers.Register register) => register switch
    {
        Registers.CompoundRegister compound => compound.Children.SelectMany(Names),
        Registers.HardwareRegister hardware => [Name(hardware)],
        _ => throw new NotSupportedException("A matrix held by a constant is not multiplied."),
    };

    private static string Name(Registers.HardwareRegister register) => "%" + PTXRegisterAllocator.GetStringRepresentation(register);
}
