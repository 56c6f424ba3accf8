namespace TrakFast.Onnx;

/// <summary>sin x.</summary>
internal readonly struct SinFunction : IScalarFunction
{
    public static float Forward(float x) => MathF.Sin(x);

    public static float Slope(float x) => MathF.Cos(x);
}

/// <summary>cos x.</summary>
internal readonly struct CosFunction : IScalarFunction
{
    public static float Forward(float x) => MathF.Cos(x);

    public static float Slope(float x) => -MathF.Sin(x);
}

/// <summary>tan x.</summary>
internal readonly struct TanFunction : IScalarFunction
{
    public static float Forward(float x) => MathF.Tan(x);

    public static float Slope(float x) => 1 + (MathF.Tan(x) * MathF.Tan(x));
}

/// <summary>arcsin x.</summary>
internal readonly struct AsinFunction : IScalarFunction
{
    public static float Forward(float x) => MathF.Asin(x);

    public static float Slope(float x) => 1 / MathF.Sqrt((1 - x) * (1 + x));
}

/// <summary>arccos x.</summary>
internal readonly struct AcosFunction : IScalarFunction
{
    public static float Forward(float x) => MathF.Acos(x);

    public static float Slope(float x) => -1 / MathF.Sqrt((1 - x) * (1 + x));
}

/// <summary>arctan x.</summary>
internal readonly struct AtanFunction : IScalarFunction
{
    public static float Forward(float x) => MathF.Atan(x);

    public static float Slope(float x) => 1 / (1 + (x * x));
}

/// <summary>sinh x.</summary>
internal readonly struct SinhFunction : IScalarFunction
{
    public static float Forward(float x) => MathF.Sinh(x);

    public static float Slope(float x) => MathF.Cosh(x);
}

/// <summary>cosh x.</summary>
internal readonly struct CoshFunction : IScalarFunction
{
    public static float Forward(float x) => MathF.Cosh(x);

    public static float Slope(float x) => MathF.Sinh(x);
}

/// <summary>arsinh x.</summary>
internal readonly struct AsinhFunction : IScalarFunction
{
    public static float Forward(float x) => MathF.Asinh(x);

    public static float Slope(float x) => 1 / MathF.Sqrt(1 + (x * x));
}

/// <summary>arcosh x.</summary>
internal readonly struct AcoshFunction : IScalarFunction
{
    public static float Forward(float x) => MathF.Acosh(x);

    public static float Slope(float x) => 1 / MathF.Sqrt((x - 1) * (x + 1));
}

/// <summary>artanh x.</summary>
internal readonly struct AtanhFunction : IScalarFunction
{
    public static float Forward(float x) => MathF.Atanh(x);

    public static float Slope(float x) => 1 / ((1 - x) * (1 + x));
}
