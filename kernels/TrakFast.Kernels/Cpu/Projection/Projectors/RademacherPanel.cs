using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TrakFast.Kernels;

/// <summary>Signs as float32 ±1.</summary>
internal readonly unsafe struct RademacherPanel : IRandomPanel
{
    /// <inheritdoc/>
    public static void Fill(
        in Projection projection, in CoordinateRuns runs, int start, int length, int block, int columns,
        float* panel, int panelStep, uint* words) =>
        Fill(projection, runs, start, length, block, RandomEntries.RademacherStream, columns, panel, panelStep, words);

    /// <summary>The same from another stream; up to 7 columns beyond the last may be written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(
        in Projection projection, in CoordinateRuns runs, int start, int length, int block, uint stream, int columns,
        float* panel, int panelStep, uint* words)
    {
        runs.Words(projection, start, length, (uint)block, stream, words);

        for (int i = 0; !Simd.Vectors && i < length; i++)
        {
            for (int j = 0; j < columns; j++) panel[(i * panelStep) + j] = ((words[(4 * i) + (j / 32)] >> (j % 32)) & 1) == 0 ? 1 : -1;
        }

        if (!Simd.Vectors) return;

        // A bit moved to the sign position of 1.0.
        Vector256<int> sign = Vector256.Create(int.MinValue), one = Vector256.Create(BitConverter.SingleToInt32Bits(1f));
        Vector256<int> lane = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
        for (int i = 0; i < length; i++, panel += panelStep, words += 4)
        {
            for (int j = 0; j < columns; j += 8)
            {
                Vector256<int> bits = Vector256.Create((int)(words[j / 32] >> (j % 32))) & lane;
                ((~Vector256.Equals(bits, Vector256<int>.Zero) & sign) | one).AsSingle().Store(panel + j);
            }
        }
    }
}
