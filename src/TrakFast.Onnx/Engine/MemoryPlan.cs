namespace TrakFast.Onnx;

/// <summary>
/// How much memory a forward and a backward pass take: the same walk as the passes make, with the same pool, in which only
/// sizes are written down.
/// </summary>
internal sealed class MemoryPlan
{
    private readonly Schedule _schedule;
    private readonly int _batch;
    private readonly PoolLedger _ledger = new();
    private readonly long[] _values;
    private readonly long[] _saved;
    private readonly Held?[] _gradients;

    private MemoryPlan(Schedule schedule, int batch)
    {
        _schedule = schedule;
        _batch = batch;
        _values = new long[schedule.Program.Values.Length];
        _saved = new long[schedule.Program.Steps.Length];
        _gradients = new Held?[_values.Length];
    }

    /// <summary>Most float32 elements that the passes over a batch hold at once, with what the pool keeps idle.</summary>
    public static long Elements(Schedule schedule, int batch)
    {
        MemoryPlan plan = new(schedule, batch);
        plan.Forward();
        plan.Backward();
        return plan._ledger.Total;
    }

    private void Forward()
    {
        foreach (int input in _schedule.Program.Inputs) _values[input] = Rent(Length(input));
        foreach (Step step in _schedule.Program.Steps)
        {
            Value output = _schedule.Program.Values[step.Output];
            if (!step.Operator.IsView)
            {
                if (step.Saved > 0) _saved[step.Index] = Rent(step.Saved * (output.Separate ? _batch : 1));
                if (_schedule.TakenOver[step.Index] is >= 0 and int root) (_values[step.Output], _values[root]) = (_values[root], 0);
                else _values[step.Output] = Rent(Length(step.Output));
                if (!_schedule.KeepsSaved[step.Index]) Free(ref _saved[step.Index]);
            }

            foreach (int slot in _schedule.AfterForward[step.Index]) Free(ref _values[slot]);
        }
    }

    private void Backward()
    {
        foreach (int output in _schedule.Program.Outputs.Where(o => _schedule.Wanted[o] && _schedule.Program.Values[o].Batched))
            Add(output, Rented(output));
        foreach (Step step in _schedule.Program.Steps.AsEnumerable().Reverse())
        {
            if (_gradients[step.Output] is not null && _schedule.Wanted[step.Output]) Back(step);
            Release(ref _gradients[step.Output]);
            foreach (int slot in _schedule.AfterBackward[step.Index]) Free(ref _values[slot]);
            Free(ref _saved[step.Index]);
        }
    }

    // Every wanted input's gradient: the output's as it is or in its place where the operator works so, in a buffer of its
    // own, or as a block made of what is there.
    private void Back(Step step)
    {
        bool[] wants = _schedule.WantsOf(step);
        long scratch = Rent(_batch * step.Operator.Scratch(wants));
        for (int i = 0; i < wants.Length; i++)
        {
            if (!wants[i]) continue;
            Value input = _schedule.Program.Values[step.Inputs[i]];
            bool emitted = input.View is { } view && view.IsDense(input.Shape), same = Gradient(input.Slot) == Gradient(step.Output);
            if (input.View is not null && step.Operator.EmitsBlocks(i)) continue;
            Held? buffer;
            if (step.Operator.SharesGradient(i) && same)
            {
                if (!emitted) Share(input.Slot, _gradients[step.Output]!);
                continue;
            }

            bool last = !wants.AsSpan(i + 1).Contains(true);
            if (step.Operator.ReusesGradient && last && same) buffer = Taken(step.Output);
            else buffer = Rented(input.Slot);
            if (emitted) Release(ref buffer);
            else Add(input.Slot, buffer);
        }

        Free(ref scratch);
    }

    private Held? Taken(int slot)
    {
        Held? taken = _gradients[slot];
        _gradients[slot] = null;
        if (taken is not { Owners: > 1 }) return taken;
        Held copy = Rented(slot);
        Release(ref taken);
        return copy;
    }

    private void Share(int slot, Held gradient)
    {
        if (_gradients[slot] is { Owners: > 1 })
        {
            Held sum = Rented(slot);
            Release(ref _gradients[slot]);
            _gradients[slot] = sum;
        }
        else if (_gradients[slot] is null)
        {
            _gradients[slot] = gradient;
            gradient.Owners++;
        }
    }

    private void Add(int slot, Held? buffer)
    {
        if (_gradients[slot] is { Owners: > 1 }) (_gradients[slot], buffer) = (buffer, _gradients[slot]);
        if (_gradients[slot] is null) _gradients[slot] = buffer;
        else Release(ref buffer);
    }

    private Held Rented(int slot) => new(Rent(Gradient(slot)));

    private void Release(ref Held? gradient)
    {
        if (gradient is not null && --gradient.Owners == 0) Free(ref gradient.Size);
        gradient = null;
    }

    private long Length(int slot) =>
        checked(_schedule.Program.Values[slot].Length * (_schedule.Program.Values[slot].Separate ? _batch : 1));

    private long Gradient(int slot) => checked(_schedule.Program.Values[slot].Length * _batch);

    private long Rent(long length) => length == 0 ? 0 : _ledger.Rent(length).Size;

    private void Free(ref long buffer)
    {
        if (buffer > 0) _ledger.Return(buffer);
        buffer = 0;
    }

    // A gradient's buffer, and how many values hold it.
    private sealed class Held(long size)
    {
        public long Size = size;

        public int Owners = 1;
    }
}
