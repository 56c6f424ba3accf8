using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace TrakFast.Kernels;

/// <summary>A vector with one lane for each of several tiles, as a type, so that the JIT compiles the transforms for each width.</summary>
internal unsafe interface ITileLanes<TVector>
{
    /// <summary>Tiles in a vector: a multiple of 4.</summary>
    static abstract int Count { get; }

    /// <summary>The number in every lane.</summary>
    static abstract TVector Create(float value);

    /// <summary>Consecutive lanes.</summary>
    static abstract TVector Load(float* source);

    /// <summary>Consecutive lanes.</summary>
    static abstract void Store(TVector value, float* target);

    /// <summary>Four consecutive floats of each of tiles t, t + 4, t + 8 …</summary>
    static abstract TVector LoadQuads(float* source, nint* places, int tile);

    /// <summary>Four lanes of one of the tiles <see cref="LoadQuads"/> would have put there.</summary>
    static abstract Vector128<float> Quad(TVector value, int index);

    /// <summary>Transposes four tiles' four floats, inside each 128 bits.</summary>
    static abstract void Transpose(ref TVector a, ref TVector b, ref TVector c, ref TVector d);

    /// <summary>x + y.</summary>
    static abstract TVector Add(TVector x, TVector y);

    /// <summary>x − y.</summary>
    static abstract TVector Subtract(TVector x, TVector y);

    /// <summary>x · y.</summary>
    static abstract TVector Multiply(TVector x, TVector y);

    /// <summary>x · y + z.</summary>
    static abstract TVector MultiplyAdd(TVector x, TVector y, TVector z);
}

/// <summary>Four tiles.</summary>
internal readonly unsafe struct TileLanes128 : ITileLanes<Vector128<float>>
{
    public static int Count => 4;

    public static Vector128<float> Create(float value) => Vector128.Create(value);

    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    public static void Store(Vector128<float> value, float* target) => value.Store(target);

    public static Vector128<float> LoadQuads(float* source, nint* places, int tile) => Vector128.Load(source + places[tile]);

    public static Vector128<float> Quad(Vector128<float> value, int index) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(ref Vector128<float> a, ref Vector128<float> b, ref Vector128<float> c, ref Vector128<float> d)
    {
        Vector128<float> ab0 = Low(a, c), ab1 = High(a, c), cd0 = Low(b, d), cd1 = High(b, d);
        a = Low(ab0, cd0);
        b = High(ab0, cd0);
        c = Low(ab1, cd1);
        d = High(ab1, cd1);
    }

    public static Vector128<float> Add(Vector128<float> x, Vector128<float> y) => x + y;

    public static Vector128<float> Subtract(Vector128<float> x, Vector128<float> y) => x - y;

    public static Vector128<float> Multiply(Vector128<float> x, Vector128<float> y) => x * y;

    public static Vector128<float> MultiplyAdd(Vector128<float> x, Vector128<float> y, Vector128<float> z) =>
        Vector128.MultiplyAddEstimate(x, y, z);

    /// <summary>The lower halves, one lane of each in turn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Low(Vector128<float> x, Vector128<float> y)
    {
        if (Sse.IsSupported) return Sse.UnpackLow(x, y);
        return AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(x, y) : Vector128.Create(x[0], y[0], x[1], y[1]);
    }

    /// <summary>The upper halves likewise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> High(Vector128<float> x, Vector128<float> y)
    {
        if (Sse.IsSupported) return Sse.UnpackHigh(x, y);
        return AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(x, y) : Vector128.Create(x[2], y[2], x[3], y[3]);
    }
}

/// <summary>Eight tiles.</summary>
internal readonly unsafe struct TileLanes256 : ITileLanes<Vector256<float>>
{
    public static int Count => 8;

    public static Vector256<float> Create(float value) => Vector256.Create(value);

    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    public static void Store(Vector256<float> value, float* target) => value.Store(target);

    public static Vector256<float> LoadQuads(float* source, nint* places, int tile) =>
        Vector256.Create(Vector128.Load(source + places[tile]), Vector128.Load(source + places[tile + 4]));

    public static Vector128<float> Quad(Vector256<float> value, int index) => index == 0 ? value.GetLower() : value.GetUpper();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(ref Vector256<float> a, ref Vector256<float> b, ref Vector256<float> c, ref Vector256<float> d)
    {
        Vector256<float> ac0 = Avx.UnpackLow(a, c), ac1 = Avx.UnpackHigh(a, c), bd0 = Avx.UnpackLow(b, d), bd1 = Avx.UnpackHigh(b, d);
        a = Avx.UnpackLow(ac0, bd0);
        b = Avx.UnpackHigh(ac0, bd0);
        c = Avx.UnpackLow(ac1, bd1);
        d = Avx.UnpackHigh(ac1, bd1);
    }

    public static Vector256<float> Add(Vector256<float> x, Vector256<float> y) => x + y;

    public static Vector256<float> Subtract(Vector256<float> x, Vector256<float> y) => x - y;

    public static Vector256<float> Multiply(Vector256<float> x, Vector256<float> y) => x * y;

    public static Vector256<float> MultiplyAdd(Vector256<float> x, Vector256<float> y, Vector256<float> z) =>
        Vector256.FusedMultiplyAdd(x, y, z);
}
