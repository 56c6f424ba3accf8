using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;

namespace TrakFast.Kernels;

/// <summary>
/// A lane's part of a 16 × 8 matrix, lane 4g + q: (g, q), (g + 8, q), (g, q + 4), (g + 8, q + 4), as sums of two tf32 numbers,
/// which have 11 significant bits each.
/// </summary>
internal struct SplitLeft
{
    /// <summary>The numbers rounded to tf32, and what is left of them.</summary>
    public Float4 High, Low;

    /// <summary>Splits four numbers.</summary>
    public static SplitLeft Of(float a0, float a1, float a2, float a3)
    {
        SplitLeft left;
        left.High.X = SplitProduct.Rounded(a0);
        left.High.Y = SplitProduct.Rounded(a1);
        left.High.Z = SplitProduct.Rounded(a2);
        left.High.W = SplitProduct.Rounded(a3);
        left.Low.X = SplitProduct.Rounded(a0 - left.High.X);
        left.Low.Y = SplitProduct.Rounded(a1 - left.High.Y);
        left.Low.Z = SplitProduct.Rounded(a2 - left.High.Z);
        left.Low.W = SplitProduct.Rounded(a3 - left.High.W);
        return left;
    }
}

/// <summary>A lane's part of an 8 × 8 matrix, lane 4g + q: (q, g) and (q + 4, g), split like <see cref="SplitLeft"/>.</summary>
internal struct SplitRight
{
    /// <summary>High and low numbers of both.</summary>
    public Float4 Parts;

    /// <summary>Splits two numbers.</summary>
    public static SplitRight Of(float b0, float b1)
    {
        SplitRight right;
        right.Parts.X = SplitProduct.Rounded(b0);
        right.Parts.Y = SplitProduct.Rounded(b1);
        right.Parts.Z = SplitProduct.Rounded(b0 - right.Parts.X);
        right.Parts.W = SplitProduct.Rounded(b1 - right.Parts.Y);
        return right;
    }
}

/// <summary>Products of small float32 matrices on tensor cores, by a whole warp.</summary>
internal static unsafe class SplitProduct
{
    private const string Instruction = "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32";
    private const int Shown = 12;

    /// <summary>Makes the operation known to a context.</summary>
    public static void Register(Context.Builder builder) =>
        DeviceOperations.Register(builder, typeof(SplitProduct), nameof(Multiply), nameof(EmitMultiply));

    /// <summary>A number rounded to tf32, ties away from zero, as <c>cvt.rna.tf32</c> does.</summary>
    public static float Rounded(float value) => Interop.IntAsFloat((Interop.FloatAsInt(value) + 0x1000u) & 0xFFFFE000u);

    /// <summary>
    /// left [16, 8] · right [8, 8]: low·high, then high·low, then high·high; low·low is below float32's last bit. The lane gets
    /// elements (g, 2q), (g, 2q + 1), (g + 8, 2q), (g + 8, 2q + 1). Tensor cores cut sums off instead of rounding them, so a
    /// chain is three instructions long, and its result is added to the rest by an ordinary addition (Ootomo and Yokota,
    /// «Recovering single precision accuracy from Tensor Cores», 2022).
    /// </summary>
    [IntrinsicImplementation]
    public static Float4 Multiply(SplitLeft left, SplitRight right)
    {
        // Every lane shows the warp its numbers, and reads those that it needs.
        int lane = Warp.LaneIdx, g = lane / 4, q = lane % 4;
        nint memory = lane == 0 ? Marshal.AllocHGlobal(32 * Shown * sizeof(float)) : 0;
        float* shown = (float*)Warp.Shuffle((long)memory, 0);
        *(SplitLeft*)(shown + (Shown * lane)) = left;
        *(SplitRight*)(shown + (Shown * lane) + 8) = right;
        Warp.Barrier();
        Float4 sum = default;
        for (int step = 0; step < 3; step++)
        {
            sum.X = Dot(shown, step, g, 2 * q, sum.X);
            sum.Y = Dot(shown, step, g, (2 * q) + 1, sum.Y);
            sum.Z = Dot(shown, step, g + 8, 2 * q, sum.Z);
            sum.W = Dot(shown, step, g + 8, (2 * q) + 1, sum.W);
        }

        Warp.Barrier();
        if (lane == 0) Marshal.FreeHGlobal(memory);
        return sum;
    }

    /// <summary>Compiles <see cref="Multiply"/>.</summary>
    public static void EmitMultiply(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        MethodCall call = (MethodCall)value;

        // mma takes tf32 numbers in registers of bits.
        string[] left = [.. DeviceOperations.Names(generator.Load(call.Nodes[0]))],
            right = [.. DeviceOperations.Names(generator.Load(call.Nodes[1]))];
        string sum = DeviceOperations.List(DeviceOperations.Names(generator.Allocate(value)));
        generator.Builder.AppendLine("\t{ .reg .f32 zero; .reg .b32 a<8>, b<4>; mov.f32 zero, 0f00000000;");
        for (int i = 0; i < 8; i++) generator.Builder.AppendLine($"\tmov.b32 a{i}, {left[i]};");
        for (int i = 0; i < 4; i++) generator.Builder.AppendLine($"\tmov.b32 b{i}, {right[i]};");
        generator.Builder.AppendLine($"\t{Instruction} {sum}, {{a4, a5, a6, a7}}, {{b0, b1}}, {{zero, zero, zero, zero}};");
        generator.Builder.AppendLine($"\t{Instruction} {sum}, {{a0, a1, a2, a3}}, {{b2, b3}}, {sum};");
        generator.Builder.AppendLine($"\t{Instruction} {sum}, {{a0, a1, a2, a3}}, {{b0, b1}}, {sum}; }}");
    }

    /// <summary>sum + Σ_k left[row, k]·right[k, column], by the layout that the PTX manual gives for m16n8k8 and tf32.</summary>
    private static float Dot(float* shown, int step, int row, int column, float sum)
    {
        double exact = sum;
        for (int k = 0; k < 8; k++)
        {
            // Numbers of A: i = 0 to 3 in row g, or g + 8 for odd i, and column q, or q + 4 for i ≥ 2; of B: row q or q + 4.
            int i = (row >= 8 ? 1 : 0) + (k >= 4 ? 2 : 0);
            float left = shown[(Shown * ((row % 8 * 4) + (k % 4))) + (step == 0 ? 4 : 0) + i];
            float right = shown[(Shown * ((column * 4) + (k % 4))) + 8 + (step == 1 ? 2 : 0) + (k / 4)];
            exact += (double)left * right;
        }

        return TensorCore.CutOff(exact);
    }
}
