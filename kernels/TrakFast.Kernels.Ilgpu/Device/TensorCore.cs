using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;

namespace TrakFast.Kernels;

/// <summary>
/// A lane's part of a 16 × 16 matrix of float32, each the sum of three bfloat16: word w of lane 4g + q holds row
/// g + 8·(w mod 2), columns 2q + 8·⌊w / 2⌋ and the next, the first in the low half.
/// </summary>
internal struct SplitFragment
{
    /// <summary>The high, the middle and the low numbers.</summary>
    public Words4 High, Middle, Low;
}

/// <summary>A lane's part of two products.</summary>
internal struct TwoProducts
{
    /// <summary>The products.</summary>
    public Float4 Upper, Lower;
}

/// <summary>Products of small matrices on tensor cores, by a whole warp.</summary>
internal static unsafe class TensorCore
{
    private const string Instruction = "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32";

    // Words that a lane of the simulator shows: twice a split fragment's, and two of the right matrix.
    private const int Shown = 26;

    /// <summary>Makes the operations known to a context.</summary>
    public static void Register(Context.Builder builder)
    {
        DeviceOperations.Register(builder, typeof(TensorCore), nameof(Multiply), nameof(EmitMultiply));
        DeviceOperations.Register(builder, typeof(TensorCore), nameof(Signs), nameof(EmitSigns));
    }

    /// <summary>
    /// upper [16, 16] · right [16, 8] and lower [16, 16] · right; right is bfloat16, and word w of lane 4g + q holds its rows 2q + 8w and
    /// the next of column g. Of either product the lane gets elements (g, 2q), (g, 2q + 1), (g + 8, 2q) and (g + 8, 2q + 1).
    /// Six instructions, those of the two products in turn, because each waits for the one before it; the low numbers first.
    /// Tensor cores cut sums off instead of rounding them, so a chain is kept this short and its result added to the rest by an
    /// ordinary addition (Ootomo and Yokota, «Recovering single precision accuracy from Tensor Cores», 2022).
    /// </summary>
    [IntrinsicImplementation]
    public static TwoProducts Multiply(SplitFragment upper, SplitFragment lower, uint right0, uint right1)
    {
        // Every lane shows the warp its words, and reads those that it needs.
        int lane = Warp.LaneIdx;
        nint memory = lane == 0 ? Marshal.AllocHGlobal(32 * Shown * sizeof(uint)) : 0;
        uint* shown = (uint*)Warp.Shuffle((long)memory, 0), own = shown + (Shown * lane);
        *(SplitFragment*)own = upper;
        *(SplitFragment*)(own + 12) = lower;
        own[24] = right0;
        own[25] = right1;
        Warp.Barrier();
        TwoProducts products;
        products.Upper = Product(shown, 0, lane / 4, 2 * (lane % 4));
        products.Lower = Product(shown, 12, lane / 4, 2 * (lane % 4));
        Warp.Barrier();
        if (lane == 0) Marshal.FreeHGlobal(memory);
        return products;
    }

    /// <summary>Compiles <see cref="Multiply"/>.</summary>
    public static void EmitMultiply(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        MethodCall call = (MethodCall)value;
        string[] upper = [.. DeviceOperations.Names(generator.Load(call.Nodes[0]))],
            lower = [.. DeviceOperations.Names(generator.Load(call.Nodes[1]))];
        string right = DeviceOperations.List(
            [DeviceOperations.Name(generator.LoadHardware(call.Nodes[2])), DeviceOperations.Name(generator.LoadHardware(call.Nodes[3]))]);
        string[] sums = [.. DeviceOperations.Names(generator.Allocate(value))];
        generator.Builder.AppendLine("\t{ .reg .f32 zero; mov.f32 zero, 0f00000000;");
        for (int part = 8; part >= 0; part -= 4)
        {
            Emit(sums[..4], upper);
            Emit(sums[4..], lower);

            void Emit(string[] sum, string[] left) => generator.Builder.AppendLine(
                $"\t{Instruction} {DeviceOperations.List(sum)}, {DeviceOperations.List(left[part..(part + 4)])}, {right}, "
                + $"{(part == 8 ? "{zero, zero, zero, zero}" : DeviceOperations.List(sum))};");
        }

        generator.Builder.AppendLine("\t}");
    }

    /// <summary>(word AND 0x80008000) OR ones: one instruction where <paramref name="ones"/> is not a constant for the assembler.</summary>
    [IntrinsicImplementation]
    public static uint Signs(uint word, uint ones) => (word & 0x80008000u) | ones;

    /// <summary>Compiles <see cref="Signs"/>.</summary>
    public static void EmitSigns(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        MethodCall call = (MethodCall)value;
        string word = DeviceOperations.Name(generator.LoadHardware(call.Nodes[0])),
            ones = DeviceOperations.Name(generator.LoadHardware(call.Nodes[1]));
        generator.Builder.AppendLine(
            $"\tlop3.b32 {DeviceOperations.Name(generator.AllocateHardware(value))}, {word}, 0x80008000, {ones}, 0xEA;");
    }

    /// <summary>The four elements of a product that a lane gets.</summary>
    private static Float4 Product(uint* shown, int left, int row, int column)
    {
        Float4 sum = default;
        for (int part = 8; part >= 0; part -= 4)
        {
            sum.X = Dot(shown, left + part, row, column, sum.X);
            sum.Y = Dot(shown, left + part, row, column + 1, sum.Y);
            sum.Z = Dot(shown, left + part, row + 8, column, sum.Z);
            sum.W = Dot(shown, left + part, row + 8, column + 1, sum.W);
        }

        return sum;
    }

    /// <summary>
    /// sum + Σ_k left[row, k]·right[k, column], as the PTX manual lays matrices out over lanes, element by element: the element
    /// i of A lies in row g or, for i = 2, 3, 6, 7, g + 8, and column 2q + i mod 2, or 8 more for i ≥ 4.
    /// </summary>
    private static float Dot(uint* shown, int words, int row, int column, float sum)
    {
        double exact = sum;
        for (int k = 0; k < 16; k++)
        {
            int element = (k % 2) + (row >= 8 ? 2 : 0) + (k >= 8 ? 4 : 0), inner = k % 8 / 2;
            uint left = shown[(Shown * ((row % 8 * 4) + inner)) + words + (element / 2)];
            uint right = shown[(Shown * ((column * 4) + inner)) + 24 + (k / 8)];
            exact += (double)Half(left, element % 2) * Half(right, k % 2);
        }

        return CutOff(exact);
    }

    /// <summary>The float32 next to a sum towards zero: tensor cores cut sums off.</summary>
    internal static float CutOff(double exact)
    {
        float rounded = (float)exact;
        if (Math.Abs((double)rounded) <= Math.Abs(exact)) return rounded;
        return MathF.CopySign(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(MathF.Abs(rounded)) - 1), rounded);
    }

    private static float Half(uint word, int half) => BitConverter.UInt32BitsToSingle(half == 0 ? word << 16 : word & 0xFFFF0000);
}
