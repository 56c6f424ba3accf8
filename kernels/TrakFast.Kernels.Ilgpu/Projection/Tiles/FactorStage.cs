using ILGPU;

namespace TrakFast.Kernels;

/// <summary>
/// Brings 2^d positions of 2^l elements of a factor into shared memory, a line of 2^l + 4 floats a position. Neighbors in memory are
/// read by neighboring threads, four loads a thread at once.
/// </summary>
internal struct FactorStage
{
    /// <summary>From the first position and element on.</summary>
    public ArrayView<float> Values;

    /// <summary>Elements of memory between two positions and between two elements, of which one is 1.</summary>
    public int Position, Element;

    /// <summary>Positions and elements that exist; others are 0.</summary>
    public int Count, Valid;

    /// <summary>Logarithms of positions and elements.</summary>
    public int LogDepth, LogLength;

    /// <summary>
    /// Copies. A thread keeps its place along the side that lies together in memory and moves along the other, so that one
    /// comparison says whether an element exists.
    /// </summary>
    public readonly void Copy(ArrayView<float> shared)
    {
        bool alongPositions = Position == 1 && Element != 1;
        int line = (1 << LogLength) + 4, log = alongPositions ? LogDepth : LogLength, size = 1 << (alongPositions ? LogLength : LogDepth);
        int still = Group.IdxX & ((1 << log) - 1), moving = Group.IdxX >> log, step = 256 >> log;
        int limit = alongPositions ? (still < Count ? Valid : 0) : still < Valid ? Count : 0;
        int place = alongPositions ? (still * line) + moving : (moving * line) + still, placeStep = alongPositions ? step : step * line;
        int stride = alongPositions ? Element : Position;
        long at = ((long)moving * stride) + ((long)still * (alongPositions ? Position : Element)), atStep = (long)step * stride;
        for (; moving < size; moving += 4 * step)
        {
            float a = 0, b = 0, c = 0, d = 0;
            if (moving < limit) a = Values[at];
            if (moving + step < limit) b = Values[at + atStep];
            if (moving + (2 * step) < limit) c = Values[at + (2 * atStep)];
            if (moving + (3 * step) < limit) d = Values[at + (3 * atStep)];
            shared[place] = a;
            if (moving + step < size) shared[place + placeStep] = b;
            if (moving + (2 * step) < size) shared[place + (2 * placeStep)] = c;
            if (moving + (3 * step) < size) shared[place + (3 * placeStep)] = d;
            at += 4 * atStep;
            place += 4 * placeStep;
        }
    }
}
