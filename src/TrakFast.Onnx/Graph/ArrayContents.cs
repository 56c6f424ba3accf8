using System.Globalization;
using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>
/// Numbers that training does not leave behind: two values only, sines, equal steps, distances. A trained array fails each of
/// these to the last digits, and one number throughout (zeros, ones, 1e-6) passes none: biases and scales begin so.
/// </summary>
internal static class ArrayContents
{
    // What code writes for −∞ in a type that has none, and the least that it writes to hide a score.
    private const float Endless = 1e30f, Hiding = 50, Forbidding = 9999;

    // Below these numbers of equations a trained array could satisfy them all by chance.
    private const int FewestEquations = 6, FewestSteps = 4, FewestFlags = 4;

    /// <summary>Whether a number is infinite, none, or one that stands for infinity.</summary>
    public static bool HoldsEndless(ReadOnlySpan<float> values) => !AllWithin(values, Endless);

    /// <summary>Whether it is one number, or one throughout, that hides what it is added to: −10000 and below.</summary>
    public static bool IsForbidding(DataArray array, ReadOnlySpan<float> values) =>
        values.Length > 0 && values[0] <= -Forbidding && CheckpointDifferences.IsUniform(array);

    /// <summary>Whether each of several channels [O, …] holds the same numbers, and those are not one number.</summary>
    public static bool IsRepeated(DataArray array, ReadOnlySpan<float> values)
    {
        if (array.Shape.Count < 3 || array.Shape[0] < 2 || values.Length == 0 || CheckpointDifferences.IsUniform(array)) return false;
        int length = values.Length / (int)array.Shape[0];
        return length >= 3 && values[length..].SequenceEqual(values[..^length]);
    }

    /// <summary>Whether a number is none.</summary>
    public static bool HoldsNaN(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (float.IsNaN(value)) return true;
        }

        return false;
    }

    /// <summary>The two numbers that a mask holds, as people write them, or null where it is none.</summary>
    public static string? MaskValues(ReadOnlySpan<float> values)
    {
        if (values.Length < 2) return null;
        float a = values[0], b = a;
        foreach (float value in values)
        {
            if (value == a || value == b) continue;
            if (a != b) return null;
            b = value;
        }

        (float small, float large) = Math.Abs(a) < Math.Abs(b) ? (a, b) : (b, a);
        return small == 0 && ((large == 1 && values.Length >= FewestFlags) || Math.Abs(large) >= Hiding)
            ? $"0 and {large.ToString("R", CultureInfo.InvariantCulture)}"
                .Replace('-', '−').Replace("Infinity", "∞", StringComparison.Ordinal)
            : null;
    }

    /// <summary>
    /// Whether an array [T, D], [T, D, 2] or [2, T, D] is a table of sines and cosines: pairs in each row whose squares add
    /// up to 1, or columns in which x[t + 1] + x[t − 1] = 2 cos ω · x[t].
    /// </summary>
    /// <param name="array">The stored array, for its type's rounding.</param>
    /// <param name="values">Its numbers.</param>
    public static bool IsSines(DataArray array, ReadOnlySpan<float> values)
    {
        long[] sizes = [.. array.Shape.Where(static s => s != 1)];
        if (sizes.Length is not (2 or 3) || sizes[1] < 2 || values.Length < 2 * FewestEquations || !AllWithin(values, 1.01f)) return false;
        int rows = (int)sizes[0], columns = values.Length / rows;
        double rounding = array.Type switch
        {
            ElementType.Float16 => 2e-3,
            ElementType.BFloat16 => 1.6e-2,
            _ => 1e-5,
        };
        if (rows == 2 && AreUnitPairs(values, values.Length, columns, 2 * rounding)) return true;
        return rows >= FewestSteps
            && (HasUnitPairs(values, rows, columns, 2 * rounding) || IsRotation(values, rows, columns, rounding));
    }

    /// <summary>Whether a vector counts 0, 1, 2, …</summary>
    public static bool IsCount(DataArray array, ReadOnlySpan<float> values)
    {
        if (values.Length < FewestSteps || array.Shape.Count(static s => s != 1) != 1) return false;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] != i) return false;
        }

        return true;
    }

    /// <summary>
    /// Whether each row along the last axis goes in equal steps that are not 0, as distances times slopes do, or each matrix at the
    /// end in equal steps along both axes, as coordinates do.
    /// </summary>
    public static bool IsSteps(DataArray array, ReadOnlySpan<float> values)
    {
        long[] sizes = [.. array.Shape.Where(static s => s != 1)];
        if (sizes.Length == 0 || values.Length == 0) return false;
        int width = (int)sizes[^1], height = sizes.Length < 2 ? 1 : (int)sizes[^2];
        if (width >= FewestSteps && values.Length - (2 * (values.Length / width)) >= FewestEquations && AreSteps(values, 1, width))
            return true;
        return width * height >= FewestEquations + 3 && height > 2 && width > 2 && AreSteps(values, height, width);
    }

    // Each part is a + b·row + c·column, and not one number.
    private static bool AreSteps(ReadOnlySpan<float> values, int rows, int columns)
    {
        for (int start = 0; start < values.Length; start += rows * columns)
        {
            ReadOnlySpan<float> part = values.Slice(start, rows * columns);
            double down = rows == 1 ? 0 : ((double)part[^columns] - part[0]) / (rows - 1);
            double along = ((double)part[columns - 1] - part[0]) / (columns - 1);
            double near = 1e-6 * (Math.Abs(part[0]) + Math.Abs(part[^1]) + Math.Abs(part[columns - 1]) + Math.Abs(part[^columns]));
            if (Math.Abs(down) + Math.Abs(along) <= near) return false;
            for (int i = 0; i < part.Length; i++)
            {
                if (!(Math.Abs(part[i] - (part[0] + (i / columns * down) + (i % columns * along))) <= near)) return false;
            }
        }

        return true;
    }

    /// <summary>Whether each column of matrices at the end goes in equal steps that are not 0, as positions times frequencies do.</summary>
    public static bool IsStepsDown(DataArray array, ReadOnlySpan<float> values)
    {
        long[] sizes = [.. array.Shape.Where(static s => s != 1)];
        if (sizes.Length != 2 || sizes[0] < FewestSteps) return false;
        int columns = (int)sizes[1];
        float[] turned = new float[values.Length];
        for (int i = 0; i < turned.Length; i++) turned[(i % columns * (int)sizes[0]) + (i / columns)] = values[i];
        return (sizes[0] - 2) * columns >= FewestEquations && AreSteps(turned, 1, (int)sizes[0]);
    }

    /// <summary>Whether an array [R, …] is backwards what it is forwards with the sign changed, as offsets around 0 are.</summary>
    public static bool IsAntisymmetric(DataArray array, ReadOnlySpan<float> values)
    {
        if (array.Shape.Count == 0 || values.Length < 9 || CheckpointDifferences.IsUniform(array)) return false;
        int last = array.Shape.Count < 2 ? 1 : (int)array.Shape[^1], rows = values.Length / last;
        if (rows < 3) return false;
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < last; i++)
            {
                if (values[(row * last) + i] != -values[((rows - 1 - row) * last) + i]) return false;
            }
        }

        return true;
    }

    /// <summary>Whether square matrices at the end are a slope times the distance from the diagonal, on one side of it or both.</summary>
    public static bool IsSlopes(DataArray array, ReadOnlySpan<float> values)
    {
        if (!IsDistances(array, values)) return false;
        int n = (int)array.Shape.Last(static s => s != 1);
        for (int matrix = 0; matrix < values.Length; matrix += n * n)
        {
            double along = values[matrix + 1] - values[matrix], down = values[matrix + n] - values[matrix];
            for (int i = 1; i < n; i++)
            {
                double near = 1e-6 * i * Math.Max(Math.Abs(along), Math.Abs(down));
                if (!(Math.Abs(values[matrix + i] - values[matrix] - (i * along)) <= near
                    && Math.Abs(values[matrix + (i * n)] - values[matrix] - (i * down)) <= near))
                    return false;
            }
        }

        return true;
    }

    /// <summary>Whether square matrices at the end depend on the distance from the diagonal alone, and do depend on it.</summary>
    public static bool IsDistances(DataArray array, ReadOnlySpan<float> values)
    {
        long[] sizes = [.. array.Shape.Where(static s => s != 1)];
        if (sizes.Length < 2 || sizes[^1] != sizes[^2] || sizes[^1] < FewestSteps || CheckpointDifferences.IsUniform(array)) return false;
        int n = (int)sizes[^1];
        for (int matrix = 0; matrix < values.Length; matrix += n * n)
        {
            for (int i = 0; i < (n * n) - n - 1; i++)
            {
                if (i % n != n - 1 && values[matrix + i] != values[matrix + i + n + 1]) return false;
            }
        }

        return true;
    }

    /// <summary>Whether a vector is a geometric series, such as 1, 1/2, 1/4; of two or three numbers, one of powers of 2.</summary>
    public static bool IsGeometric(DataArray array, ReadOnlySpan<float> values)
    {
        if (values.Length < 2 || array.Shape.Count(static s => s != 1) != 1 || !AllWithin(values, Endless)) return false;
        foreach (float value in values)
        {
            if (value <= 0 || (values.Length < FewestSteps && !float.IsPow2(value))) return false;
        }

        double step = (Math.Log(values[^1]) - Math.Log(values[0])) / (values.Length - 1);
        double near = array.Type == ElementType.Float32 ? 1e-5 : 1e-2;
        if (Math.Abs(step) <= near) return false;
        for (int i = 1; i < values.Length; i++)
        {
            if (Math.Abs(Math.Log(values[i]) - Math.Log(values[0]) - (i * step)) > near) return false;
        }

        return true;
    }

    // Sines and cosines lie side by side, in halves, or in halves of halves (a grid's rows and columns). A row of zeros is a class token's.
    private static bool HasUnitPairs(ReadOnlySpan<float> values, int rows, int columns, double near)
    {
        if (columns % 2 != 0 || rows * (columns / 2) < FewestEquations) return false;
        return AreUnitPairs(values, columns, 1, near) || AreUnitPairs(values, columns, columns / 2, near)
            || (columns % 4 == 0 && AreUnitPairs(values, columns, columns / 4, near));
    }

    private static bool AreUnitPairs(ReadOnlySpan<float> values, int columns, int apart, double near)
    {
        int angles = 0;
        for (int row = 0; row < values.Length; row += columns)
        {
            ReadOnlySpan<float> line = values.Slice(row, columns);
            if (row == 0 && !line.ContainsAnyExcept(0f)) continue;
            for (int start = 0; start < columns; start += 2 * apart)
            {
                for (int i = start; i < start + apart; i++)
                {
                    double a = line[i], b = line[i + apart];
                    if (Math.Abs((a * a) + (b * b) - 1) > near) return false;
                    if (Math.Abs(a) > 0.05 && Math.Abs(b) > 0.05) angles++;
                }
            }
        }

        // Ones beside zeros are an angle too, and no table.
        return angles >= FewestEquations;
    }

    private static bool AllWithin(ReadOnlySpan<float> values, float most)
    {
        foreach (float value in values)
        {
            if (!(Math.Abs(value) < most)) return false;
        }

        return true;
    }

    private static bool IsRotation(ReadOnlySpan<float> values, int rows, int columns, double rounding)
    {
        if ((long)(rows - 3) * columns < FewestEquations) return false;
        int turning = 0;

        // An angle of t radians is rounded to t · 6e-8 of one.
        double near = rounding + (4e-7 * rows);
        for (int column = 0; column < columns; column++)
        {
            double products = 0, squares = 0, worst = 0, largest = 0;
            for (int t = 1; t < rows - 1; t++)
            {
                double x = values[(t * columns) + column];
                products += x * (values[((t - 1) * columns) + column] + values[((t + 1) * columns) + column]);
                squares += x * x;
                largest = Math.Max(largest, Math.Abs(x));
            }

            if (squares == 0) return false;
            double twice = products / squares;
            if (Math.Abs(twice) > 2 + (10 * near)) return false;
            for (int t = 1; t < rows - 1; t++)
            {
                double sum = values[((t - 1) * columns) + column] + values[((t + 1) * columns) + column];
                worst = Math.Max(worst, Math.Abs(sum - (twice * values[(t * columns) + column])));
            }

            if (worst > 4 * near) return false;
            if (twice < 1.995 && largest > 0.3) turning++;
        }

        return turning > 0 && (long)turning * (rows - 3) >= 3;
    }
}
