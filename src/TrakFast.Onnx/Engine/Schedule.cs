namespace TrakFast.Onnx;

/// <summary>
/// What a pass keeps and frees when, where the gradients of given parameters are wanted: a value's memory is freed behind
/// its last reader, forward or backward.
/// </summary>
internal sealed class Schedule
{
    private const int Never = int.MaxValue;
    private readonly bool[][] _wants;
    private Planned? _last;

    public Schedule(Program program, ParameterSelection selection)
    {
        Program = program;
        Selection = selection;
        Wanted = FindWanted(program, selection);
        _wants = [.. program.Steps.Select(Wants)];
        int steps = program.Steps.Length;
        int[] last = new int[program.Values.Length];
        int[] lastSaved = new int[steps];
        Array.Fill(last, -1);
        foreach (Step step in program.Steps)
        {
            for (int i = 0; i < step.Inputs.Length; i++)
            {
                if (step.Inputs[i] >= 0 && step.Reads[i]) Use(step.Inputs[i], step.Index);
            }

            Use(step.Output, step.Index);
            lastSaved[step.Index] = step.Index;
            if (!Wanted[step.Output]) continue;
            int back = (2 * steps) - step.Index;
            bool[] wants = WantsOf(step);
            for (int i = 0; i < step.Inputs.Length; i++)
            {
                if (step.Inputs[i] >= 0 && step.Reads[i] && step.Operator.KeepsInput(i, wants)) Use(step.Inputs[i], back);
            }

            if (step.Operator.KeepsOutput) Use(step.Output, back);
            lastSaved[step.Index] = back;
        }

        foreach (int output in program.Outputs) Use(output, Never);
        AfterForward = Lists(program, last, steps, static (time, steps) => time >= 0 && time < steps ? time : -1);
        AfterBackward = Lists(program, last, steps, static (time, steps) => time > steps && time != Never ? (2 * steps) - time : -1);
        KeepsSaved = [.. lastSaved.Select(time => time > steps)];
        TakenOver = [.. program.Steps.Select(step => Replaced(program, step, last))];

        void Use(int slot, int time)
        {
            int root = program.Values[slot].Root;
            last[root] = Math.Max(last[root], time);
        }
    }

    public Program Program { get; }

    public ParameterSelection Selection { get; }

    /// <summary>Slots on a gradient path from a selected parameter, the parameters' own included.</summary>
    public bool[] Wanted { get; }

    /// <summary>Roots whose memory is free behind a forward step.</summary>
    public int[][] AfterForward { get; }

    /// <summary>Roots whose memory is free behind a backward step.</summary>
    public int[][] AfterBackward { get; }

    /// <summary>Whether what a step saved is wanted by its backward step.</summary>
    public bool[] KeepsSaved { get; }

    /// <summary>
    /// For each step the root whose memory its output takes over, since nobody reads it afterwards; −1 where there is none.
    /// </summary>
    public int[] TakenOver { get; }

    /// <summary>Most float32 elements that the passes over a batch of this size hold at once.</summary>
    public long Elements(int batch)
    {
        // Clones share the schedule: the note is read and replaced as a whole.
        Planned? last = _last;
        if (last?.Batch != batch) _last = last = new Planned(batch, MemoryPlan.Elements(this, batch));
        return last.Elements;
    }

    /// <summary>For each input of a step whether its gradient is wanted: a selected parameter lies upstream of it.</summary>
    public bool[] WantsOf(Step step) => WantsOf(step.Index);

    /// <summary>The same by the step's place.</summary>
    public bool[] WantsOf(int step) => _wants[step];

    private bool[] Wants(Step step) =>
        [.. step.Inputs.Select((slot, i) => slot >= 0 && Wanted[slot] && TrainablePaths.Carries(step.Node, i))];

    private static int Replaced(Program program, Step step, int[] last)
    {
        Value output = program.Values[step.Output];
        if (!step.Operator.Overwrites || step.Operator.IsView) return -1;
        for (int i = 0; i < step.Inputs.Length; i++)
        {
            if (step.Inputs[i] < 0 || !step.Reads[i]) continue;
            Value input = program.Values[step.Inputs[i]], root = program.Values[input.Root];
            if (input.Length == output.Length && input.Separate == output.Separate
                && last[root.Slot] == step.Index && !root.Stored && root.Constant is null)
                return root.Slot;
        }

        return -1;
    }

    private static bool[] FindWanted(Program program, ParameterSelection selection)
    {
        bool[] wanted = new bool[program.Values.Length];
        for (int i = 0; i < program.Initializers.Length; i++)
        {
            string name = program.Graph.Initializers[i].Name;
            wanted[program.Initializers[i]] = program.Graph.IsParameter(name) && selection.Contains(name);
        }

        foreach (Step step in program.Steps)
        {
            if (program.Values[step.Output].Whole) continue;
            for (int i = 0; i < step.Inputs.Length; i++)
                wanted[step.Output] |= step.Inputs[i] >= 0 && wanted[step.Inputs[i]] && TrainablePaths.Carries(step.Node, i);
        }

        return wanted;
    }

    private static int[][] Lists(Program program, int[] last, int steps, Func<int, int, int> stepOf)
    {
        List<int>[] lists = [.. Enumerable.Range(0, steps).Select(static _ => new List<int>())];
        for (int slot = 0; slot < last.Length; slot++)
        {
            Value value = program.Values[slot];
            if (value.Root == slot && !value.Stored && value.Constant is null && stepOf(last[slot], steps) is >= 0 and int step)
                lists[step].Add(slot);
        }

        return [.. lists.Select(static l => l.ToArray())];
    }

    private sealed record Planned(int Batch, long Elements);
}
