using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>Moves values between tensors and the panels of a product of patches.</summary>
internal static unsafe class PatchLines
{
    /// <summary>Floats of the vectors that panels are filled with.</summary>
    public static int Vector => Simd.Avx512 ? 16 : Simd.Avx256 ? 8 : Simd.Vectors ? 4 : 1;

    /// <summary>Writes the padded lines of some channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(PatchProduct product, in PatchBlock block, float* source, int channels, float* planes)
    {
        int span = block.Span, step = product.Step, width = product.SourceWidth;
        nint* lines = block.Sources;
        foreach (ref readonly int slot in product.Slots.AsSpan())
        {
            // Element u of a slot is source element (from + u)·step + slot + first.
            int shift = (block.From * step) + slot + product.First;
            float* channel = source, plane = planes;
            for (int c = 0; c < channels; c++, channel += product.SourceSize, plane += block.ChannelStep)
            {
                float* to = plane;
                for (int i = 0; i < block.Lines; i++, to += block.Pitch)
                {
                    if (lines[i] > -2) Line(lines[i] < 0 ? null : channel + lines[i], width, shift, step, to, span);
                }
            }

            planes += span;
        }
    }

    /// <summary>target[u] = line[u · step + shift], and 0 where that lies outside the line or there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Line(float* line, int width, int shift, int step, float* target, int count)
    {
        if (line is null)
        {
            Zero(target, count);
            return;
        }

        int begin, end;
        if (step == 1)
        {
            begin = Math.Min(count, Math.Max(0, -shift));
            end = Math.Clamp(width - shift, begin, count);
        }
        else
        {
            begin = Math.Min(count, shift >= 0 ? 0 : (-shift + step - 1) / step);
            end = Math.Clamp(width <= shift ? 0 : (width - shift + step - 1) / step, begin, count);
        }

        float* from = line + shift;
        for (int u = 0; u < begin; u++) target[u] = 0;
        if (step == 1) ShortCopy.Run(from + begin, target + begin, end - begin);
        else if (step == 2) Halve(from, target, begin, end, line + width);
        else for (int u = begin; u < end; u++) target[u] = from[(long)u * step];
        for (int u = end; u < count; u++) target[u] = 0;
    }

    /// <summary>A panel: for each channel and tap, the columns at their places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(
        float* planes, long channelStep, int channels, nint* shifts, int taps, PatchMove* copies, int count, int columns, float* panel)
    {
        if (Simd.Avx512 && count == 2 && columns == 32)
        {
            nint first = copies[0].Place, second = copies[1].Place;
            for (int c = 0; c < channels; c++, planes += channelStep)
            {
                for (int tap = 0; tap < taps; tap++, panel += 32)
                {
                    float* from = planes + shifts[tap];
                    Vector512.Load(from + first).Store(panel);
                    Vector512.Load(from + second).Store(panel + 16);
                }
            }
        }
        else if (Simd.Avx256 && !Simd.Avx512 && count == 2 && columns == 16)
        {
            nint first = copies[0].Place, second = copies[1].Place;
            for (int c = 0; c < channels; c++, planes += channelStep)
            {
                for (int tap = 0; tap < taps; tap++, panel += 16)
                {
                    float* from = planes + shifts[tap];
                    Vector256.Load(from + first).Store(panel);
                    Vector256.Load(from + second).Store(panel + 8);
                }
            }
        }
        else
        {
            for (int c = 0; c < channels; c++, planes += channelStep)
            {
                for (int tap = 0; tap < taps; tap++, panel += columns)
                {
                    float* from = planes + shifts[tap];
                    for (int i = 0; i < count; i++)
                    {
                        float* to = panel + copies[i].Column;
                        if (Simd.Avx512) Vector512.Load(from + copies[i].Place).Store(to);
                        else if (Simd.Avx256) Vector256.Load(from + copies[i].Place).Store(to);
                        else if (Simd.Vectors) Vector128.Load(from + copies[i].Place).Store(to);
                        else *to = from[copies[i].Place];
                    }
                }
            }
        }
    }

    /// <summary>
    /// One row of a panel of results to its places: target += row, or target = row, plus *shift if there is one;
    /// never both a shift and a step.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* row, PatchMove* stores, int count, int step, float* shift, bool add, float* target)
    {
        for (int i = 0; i < count; i++)
        {
            float* from = row + stores[i].Column, to = target + stores[i].Place;
            if (step == 1 && add) VectorAdd.Add(from, to, stores[i].Length);
            else if (step == 1 && shift is null) ShortCopy.Run(from, to, stores[i].Length);
            else if (step == 1) Shift(from, *shift, to, stores[i].Length);
            else Strided(from, to, stores[i].Length, step, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Strided(float* source, float* target, int count, int step, bool add)
    {
        int x = 0;
        if (step == 2 && add && Simd.Vectors)
        {
            // What lies between is written back as it was, so never the element behind the last, which may be another thread's.
            Vector128<float> mask = Vector128.Create(-1, 0, -1, 0).AsSingle();
            for (; x < count - 4; x += 4)
            {
                float* to = target + (2 * x);
                Vector128<float> values = Vector128.Load(source + x), low = Vector128.Load(to), high = Vector128.Load(to + 4);
                Vector128.ConditionalSelect(mask, low + TileLanes128.Low(values, values), low).Store(to);
                Vector128.ConditionalSelect(mask, high + TileLanes128.High(values, values), high).Store(to + 4);
            }
        }

        target += (long)step * x;
        for (; x < count; x++, target += step) *target = add ? *target + source[x] : source[x];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Shift(float* source, float shift, float* target, int count)
    {
        int x = 0;
        Vector256<float> shifts = Vector256.Create(shift);
        for (; Simd.Vectors && x <= count - 8; x += 8) (Vector256.Load(source + x) + shifts).Store(target + x);
        if (Simd.Vectors && x <= count - 4)
        {
            (Vector128.Load(source + x) + shifts.GetLower()).Store(target + x);
            x += 4;
        }

        for (; x < count; x++) target[x] = source[x] + shift;
    }

    /// <summary>Every other element; reads up to one element behind the last wanted, never at or beyond <paramref name="limit"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Halve(float* from, float* to, int begin, int end, float* limit)
    {
        int u = begin;
        for (; Simd.Vectors && u <= end - 4 && from + (2 * u) + 8 <= limit; u += 4)
        {
            Vector128<float> low = Vector128.Load(from + (2 * u)), high = Vector128.Load(from + (2 * u) + 4);
            Evens(low, high).Store(to + u);
        }

        for (; u < end; u++) to[u] = from[2 * u];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Evens(Vector128<float> low, Vector128<float> high)
    {
        if (System.Runtime.Intrinsics.X86.Sse.IsSupported) return System.Runtime.Intrinsics.X86.Sse.Shuffle(low, high, 0b10_00_10_00);
        return System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.IsSupported
            ? System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.UnzipEven(low, high)
            : Vector128.Create(low[0], low[2], high[0], high[2]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Zero(float* target, int count)
    {
        int x = 0;
        for (; Simd.Vectors && x <= count - 8; x += 8) default(Vector256<float>).Store(target + x);
        for (; x < count; x++) target[x] = 0;
    }
}
