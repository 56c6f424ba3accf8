namespace TrakFast.Onnx;

/// <summary>
/// Takes passes over memory out of a program: a product reads and writes heads of attention and turned weights where they
/// lie instead of transposed copies, numbers that scale it are part of it, and a normalization applies the Relu behind it.
/// A step whose output nobody reads any more is dropped.
/// </summary>
internal sealed class Fusion
{
    private readonly IReadOnlyList<Value> _values;
    private readonly Step?[] _steps;
    private readonly int[] _maker;
    private readonly int[] _readers;

    private Fusion(IReadOnlyList<Value> values, IReadOnlyList<Step> steps, IEnumerable<int> outputs)
    {
        (_values, _steps) = (values, [.. steps]);
        _maker = new int[values.Count];
        _readers = new int[values.Count];
        Array.Fill(_maker, -1);
        foreach (Step step in steps)
        {
            _maker[step.Output] = step.Index;
            foreach (int input in step.Inputs.Where(static i => i >= 0)) _readers[input]++;
        }

        foreach (int output in outputs) _readers[output]++;
    }

    /// <summary>Fewer steps that make the same outputs.</summary>
    /// <param name="values">Every value by its slot.</param>
    /// <param name="steps">The steps in order.</param>
    /// <param name="outputs">Slots of the outputs, which stay.</param>
    public static Step[] Of(IReadOnlyList<Value> values, IReadOnlyList<Step> steps, IEnumerable<int> outputs)
    {
        Fusion fusion = new(values, steps, outputs);
        for (int i = 0; i < steps.Count; i++)
        {
            switch (fusion._steps[i]?.Operator)
            {
                case MatMul product when product.IsLayer(values[steps[i].Inputs[1]]):
                    fusion.ReadTurnedWeight(i);
                    break;
                case MatMul when values[steps[i].Inputs[0]].Separate && values[steps[i].Inputs[1]].Separate:
                    fusion.ReadWhereItLies(i, 0);
                    fusion.ReadWhereItLies(i, 1);
                    fusion.WriteWhereItGoes(i);
                    break;
                case BatchNormalization:
                    fusion.ApplyRelu(i);
                    break;
            }
        }

        return [.. fusion._steps.OfType<Step>().Select(static (step, index) => step with { Index = index })];
    }

    // x·Wᵀ reads W.
    private void ReadTurnedWeight(int index)
    {
        Step step = _steps[index]!;
        if (Maker(step.Inputs[1]) is not { Operator: Transpose { IsView: false } } turn || _values[turn.Inputs[0]].Rank != 2) return;
        if (((MatMul)step.Operator).WithTurnedWeight() is { } product) Read(index, product, 1, turn.Inputs[0]);
    }

    // Back through permutations of an operand's axes and numbers that scale it.
    private void ReadWhereItLies(int index, int operand)
    {
        Step step = _steps[index]!;
        int slot = step.Inputs[operand];
        int[] permutation = [.. Enumerable.Range(0, _values[slot].Rank)];
        float factor = 1;
        (MatMul Product, int Slot)? best = null;
        while (Maker(slot) is { } maker)
        {
            if (maker.Operator is Transpose turn)
                (permutation, slot) = ([.. permutation.Select(p => turn.Permutation[p])], maker.Inputs[0]);
            else if (_readers[slot] == 1 && Scaled(maker) is { } scaled) (factor, slot) = (factor * scaled.Factor, scaled.Input);
            else break;
            long[] strides = ParameterView.Dense(_values[slot].Shape);
            if (((MatMul)step.Operator).Reading(operand, [.. permutation.Select(p => strides[p])])?.Times(factor) is { } product)
                best = (product, slot);
        }

        if (best is { } found) Read(index, found.Product, operand, found.Slot);
    }

    // On through numbers that scale the product and permutations of its axes.
    private void WriteWhereItGoes(int index)
    {
        Step step = _steps[index]!;
        int slot = step.Output;
        int[] permutation = [.. Enumerable.Range(0, _values[slot].Rank)];
        float factor = 1;
        List<Step> passed = [];
        (MatMul Product, int Passed)? best = null;
        while (OnlyReader(slot, index) is { } reader)
        {
            if (reader.Operator is Transpose turn) permutation = [.. turn.Permutation.Select(p => permutation[p])];
            else if (Scaled(reader) is { } scaled) factor *= scaled.Factor;
            else break;
            slot = reader.Output;
            passed.Add(reader);
            if (_values[slot].Root != slot) continue;
            long[] dense = ParameterView.Dense(_values[slot].Shape), strides = new long[dense.Length];
            for (int axis = 0; axis < strides.Length; axis++) strides[permutation[axis]] = dense[axis];
            if (((MatMul)step.Operator).Writing(strides)?.Times(factor) is { } product) best = (product, passed.Count);
        }

        if (best is { } found) Write(index, found.Product, passed[..found.Passed]);
    }

    private void ApplyRelu(int index)
    {
        Step step = _steps[index]!;
        if (OnlyReader(step.Output, index) is { Operator: Unary<ReluFunction> } relu)
            Write(index, ((BatchNormalization)step.Operator).WithRelu(), [relu]);
    }

    // The step's operator works otherwise, on another value as one of its inputs.
    private void Read(int index, Operator better, int input, int slot)
    {
        Step step = _steps[index]!;
        int[] inputs = [.. step.Inputs];
        inputs[input] = slot;
        _readers[slot]++;
        _steps[index] = step with { Operator = better, Inputs = inputs };
        Release(step.Inputs[input]);
    }

    // The step's operator works otherwise, and makes what the last of the steps behind it made.
    private void Write(int index, Operator better, IReadOnlyList<Step> absorbed)
    {
        Step step = _steps[index]!;
        _maker[step.Output] = -1;
        foreach (Step gone in absorbed)
        {
            _steps[gone.Index] = null;
            foreach (int input in gone.Inputs) _readers[input]--;
        }

        _steps[index] = step with { Operator = better, Output = absorbed[^1].Output };
        _maker[absorbed[^1].Output] = index;
    }

    private void Release(int slot)
    {
        if (--_readers[slot] > 0 || Maker(slot) is not { } maker) return;
        _steps[maker.Index] = null;
        foreach (int input in maker.Inputs.Where(static i => i >= 0)) Release(input);
    }

    private Step? Maker(int slot) => _maker[slot] < 0 ? null : _steps[_maker[slot]];

    private Step? OnlyReader(int slot, int behind)
    {
        if (_readers[slot] != 1) return null;
        return _steps.Skip(behind + 1).FirstOrDefault(s => s?.Inputs.Contains(slot) == true);
    }

    // A value times or over one constant number.
    private (float Factor, int Input)? Scaled(Step step)
    {
        if (step.Operator is not (Multiply or Divide)) return null;
        for (int i = step.Operator is Divide ? 1 : 0; i < 2; i++)
        {
            Value number = _values[step.Inputs[i]], other = _values[step.Inputs[1 - i]];
            if (number is { Constant: { } constant, Length: 1 } && other.Constant is null
                && other.Shape.AsSpan().SequenceEqual(_values[step.Output].Shape))
                return (step.Operator is Divide ? 1 / constant[0] : constant[0], other.Slot);
        }

        return null;
    }
}
