namespace TrakFast.Kernels;

/// <summary>
/// A convolution or a part of its input gradient as one matrix product [rows, channels · taps] · [channels · taps, positions]
/// whose second factor is never written down: each example's source lies as padded lines, the last axis taken apart by
/// phases of its step, so that what neighboring positions see through a tap lies side by side. See
/// <see cref="PatchMultiplier{TKernel}"/>.
/// </summary>
internal sealed class PatchProduct
{
    private PatchProduct(
        ConvolutionGeometry geometry, bool mirrored, IReadOnlyList<PatchAxis> axes, IReadOnlyList<IReadOnlyList<PatchAxis>> phases)
    {
        int c = geometry.InputChannels / geometry.Groups, o = geometry.OutputChannels / geometry.Groups, kernel = geometry.KernelSize;
        Groups = geometry.Groups;
        (Inputs, Outputs) = mirrored ? (o, c) : (c, o);
        (RowStep, InputStep) = mirrored ? (kernel, (long)c * kernel) : ((long)c * kernel, (long)kernel);
        GroupWeights = (long)o * c * kernel;
        SourceSize = axes.Aggregate(1, static (size, axis) => size * axis.Source);
        TargetSize = axes.Aggregate(1, static (size, axis) => size * axis.Target);
        Positions = axes.Aggregate(1, static (size, axis) => size * axis.Grid);

        PatchAxis last = axes[^1];
        Width = last.Grid;
        Step = last.Step;
        TargetStep = last.TargetStep;
        SourceWidth = last.Source;
        First = last.First;
        Reach = last.Reach / Step;
        Slots = [.. last.Shifts.Select(shift => (shift - First) % Step).Distinct().Order()];
        Outer(axes, out int[] lineOf, out int[] targets, out int[] sources, out int[] outerShifts);
        (LineOf, Targets, Sources) = (lineOf, targets, sources);
        OuterReach = outerShifts.Max();

        Taps = outerShifts.Length * last.Taps.Length;
        OuterShifts = new int[Taps];
        SlotOf = new int[Taps];
        Subs = new int[Taps];
        for (int tap = 0; tap < Taps; tap++)
        {
            (int outer, int k) = Math.DivRem(tap, last.Taps.Length);
            (int sub, int phase) = Math.DivRem(last.Shifts[k] - First, Step);
            (OuterShifts[tap], SlotOf[tap], Subs[tap]) = (outerShifts[outer], Array.IndexOf(Slots, phase), sub);
        }

        Phases = [.. phases.Select(phase => new Phase(KernelTaps(geometry, phase), Offset(phase)))];
        Rows = Outputs * Phases.Length;
        InPlace = Taps == 1 && axes.All(static axis => axis is { Step: 1, First: 0 } && axis.Grid == axis.Source);
        Joined = TargetStep == 1
            && Enumerable.Range(1, Math.Max(0, Targets.Length - 1)).All(line => Targets[line] == Targets[line - 1] + Width);
    }

    /// <summary>Groups; each is a product of its own.</summary>
    public int Groups { get; }

    /// <summary>Source channels of a group.</summary>
    public int Inputs { get; }

    /// <summary>Target channels of a group.</summary>
    public int Outputs { get; }

    /// <summary>Rows of a group's product: target channels for each phase.</summary>
    public int Rows { get; }

    /// <summary>Taps of a row.</summary>
    public int Taps { get; }

    /// <summary>Weights from one target channel to the next.</summary>
    public long RowStep { get; }

    /// <summary>Weights from one source channel to the next.</summary>
    public long InputStep { get; }

    /// <summary>Weights of a group.</summary>
    public long GroupWeights { get; }

    /// <summary>Elements of a source channel.</summary>
    public int SourceSize { get; }

    /// <summary>Elements of a target channel.</summary>
    public int TargetSize { get; }

    /// <summary>Positions of an example.</summary>
    public int Positions { get; }

    /// <summary>Positions of a line.</summary>
    public int Width { get; }

    /// <summary>Source elements from one position of a line to the next.</summary>
    public int Step { get; }

    /// <summary>Target elements from one position of a line to the next.</summary>
    public int TargetStep { get; }

    /// <summary>Elements of a source line.</summary>
    public int SourceWidth { get; }

    /// <summary>The source element a line's first position sees through its nearest tap.</summary>
    public int First { get; }

    /// <summary>Positions beyond a line's last that its farthest tap sees.</summary>
    public int Reach { get; }

    /// <summary>The phases of a line that any tap sees.</summary>
    public int[] Slots { get; }

    /// <summary>For each line of positions, the padded line its nearest taps see.</summary>
    public int[] LineOf { get; }

    /// <summary>For each line of positions, where it begins in a target channel.</summary>
    public int[] Targets { get; }

    /// <summary>For each padded line of an example, where it begins in a source channel; −1 for zeros, −2 for one nobody sees.</summary>
    public int[] Sources { get; }

    /// <summary>Lines beyond a position's own that its farthest tap sees.</summary>
    public int OuterReach { get; }

    /// <summary>For each tap, how many lines ahead it sees.</summary>
    public int[] OuterShifts { get; }

    /// <summary>For each tap, which of <see cref="Slots"/> it sees.</summary>
    public int[] SlotOf { get; }

    /// <summary>For each tap, how many elements of its slot ahead it sees.</summary>
    public int[] Subs { get; }

    /// <summary>Parts of the target that see the same source elements, through taps of their own.</summary>
    public Phase[] Phases { get; }

    /// <summary>Whether the source itself is the second factor.</summary>
    public bool InPlace { get; }

    /// <summary>Whether an example's positions follow one another in the target.</summary>
    public bool Joined { get; }

    /// <summary>A convolution.</summary>
    public static PatchProduct Forward(ConvolutionGeometry geometry)
    {
        PatchAxis[] axes = geometry.Kernel.Count == 0
            ? [PatchAxis.None]
            : [.. Enumerable.Range(0, geometry.Kernel.Count).Select(axis => PatchAxis.Forward(geometry, axis))];
        return new PatchProduct(geometry, false, axes, [axes]);
    }

    /// <summary>The products that make up the gradient of the input; each input element belongs to one at most.</summary>
    public static PatchProduct[] Backward(ConvolutionGeometry geometry)
    {
        // For each axis, its phases, those together that see alike.
        List<List<PatchAxis>>[] axes = [.. Enumerable.Range(0, geometry.Kernel.Count).Select(axis =>
        {
            List<List<PatchAxis>> alike = [];
            foreach (PatchAxis phase in PatchAxis.Backward(geometry, axis))
            {
                if (alike.Find(phases => phases[0].SeesAs(phase)) is { } others) others.Add(phase);
                else alike.Add([phase]);
            }

            return alike;
        })];
        if (axes.Length == 0) axes = [[[PatchAxis.None]]];
        return [.. Every(axes).Select(
            alike => new PatchProduct(geometry, true, [.. alike.Select(static phases => phases[0])], [.. Every(alike)]))];
    }

    /// <summary>Every choice of one item from each list.</summary>
    private static IEnumerable<IReadOnlyList<T>> Every<T>(IReadOnlyList<IReadOnlyList<T>> lists) => lists.Aggregate(
        (IEnumerable<IReadOnlyList<T>>)[[]],
        static (chosen, list) => chosen.SelectMany(items => list.Select(item => (IReadOnlyList<T>)[.. items, item])));

    /// <summary>Lines of positions and padded lines, along all axes but the last.</summary>
    private static void Outer(IReadOnlyList<PatchAxis> axes, out int[] lineOf, out int[] targets, out int[] sources, out int[] shifts)
    {
        lineOf = [0];
        targets = [0];
        sources = [0];
        shifts = [0];
        for (int a = 0; a < axes.Count - 1; a++)
        {
            PatchAxis axis = axes[a];
            int padded = axis.Grid == 0 ? 0 : checked((axis.Step * (axis.Grid - 1)) + axis.Reach + 1);
            lineOf = [.. lineOf.SelectMany(_ => Enumerable.Range(0, axis.Grid), (line, q) => checked((line * padded) + (q * axis.Step)))];
            targets = [.. targets.SelectMany(_ => Enumerable.Range(0, axis.Grid), (at, q) => (at * axis.Target) + (q * axis.TargetStep))];
            sources = [.. sources.SelectMany(
                _ => Enumerable.Range(axis.First, padded), (at, i) => at < 0 || i < 0 || i >= axis.Source ? -1 : (at * axis.Source) + i)];
            shifts = [.. shifts.SelectMany(_ => axis.Shifts, (shift, tap) => checked((shift * padded) + tap - axis.First))];
        }

        bool[] seen = new bool[sources.Length];
        foreach (int line in lineOf)
        {
            foreach (int shift in shifts) seen[line + shift] = true;
        }

        int width = axes[^1].Source, targetWidth = axes[^1].Target;
        for (int i = 0; i < sources.Length; i++) sources[i] = !seen[i] ? -2 : sources[i] < 0 ? -1 : checked(sources[i] * width);
        for (int i = 0; i < targets.Length; i++) targets[i] *= targetWidth;
    }

    private static int[] KernelTaps(ConvolutionGeometry geometry, IReadOnlyList<PatchAxis> axes)
    {
        int[] taps = [0];
        for (int a = 0; a < geometry.Kernel.Count; a++)
        {
            int size = geometry.Kernel[a];
            taps = [.. taps.SelectMany(_ => axes[a].Taps, (tap, k) => (tap * size) + k)];
        }

        return taps;
    }

    private static int Offset(IReadOnlyList<PatchAxis> axes) =>
        axes.Aggregate(0, static (offset, axis) => (offset * axis.Target) + axis.TargetOffset);

    /// <summary>A part of the target.</summary>
    /// <param name="Taps">Each tap's index in the kernel.</param>
    /// <param name="Target">Where its positions begin in a target channel.</param>
    internal sealed record Phase(int[] Taps, int Target);
}
