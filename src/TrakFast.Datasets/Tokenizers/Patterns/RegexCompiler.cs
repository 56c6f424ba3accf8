namespace TrakFast.Datasets;

/// <summary>Makes the steps of a regular expression.</summary>
internal sealed class RegexCompiler
{
    private const int MostSteps = 20_000;
    private const int LongestLook = 255;

    private readonly List<RegexInstruction> _steps = [];
    private int _registers;

    /// <summary>Compiles a parsed expression.</summary>
    /// <exception cref="InputException">It takes too many steps, or looks behind without bound.</exception>
    public static RegexProgram Compile(RegexNode node) => Compile(node, 0, 0);

    private static RegexProgram Compile(RegexNode node, int least, int most)
    {
        RegexCompiler compiler = new();
        compiler.Add(node);
        compiler.Emit(new RegexInstruction(RegexOperation.Accept));
        return new RegexProgram([.. compiler._steps], compiler._registers, least, most);
    }

    private int Emit(RegexInstruction step)
    {
        if (_steps.Count >= MostSteps) throw new InputException($"A regular expression takes more than {MostSteps} steps.");
        _steps.Add(step);
        return _steps.Count - 1;
    }

    private void Add(RegexNode node)
    {
        switch (node)
        {
            case RegexNode.Set set: Emit(new RegexInstruction(RegexOperation.Set, Set: set.Points)); break;
            case RegexNode.Concatenation list:
                foreach (RegexNode part in list.Parts) Add(part);
                break;
            case RegexNode.Alternation list: AddAlternatives(list.Parts); break;
            case RegexNode.Repetition repetition: AddRepetition(repetition); break;
            case RegexNode.Atomic atomic: Emit(new RegexInstruction(RegexOperation.Atomic, Program: Compile(atomic.Body))); break;
            case RegexNode.Anchor anchor: Emit(new RegexInstruction(RegexOperation.Anchor, (int)anchor.Kind)); break;
            case RegexNode.Look { Behind: false } look:
                Emit(new RegexInstruction(RegexOperation.Ahead, 0, look.Negative ? 1 : 0, Program: Compile(look.Body)));
                break;
            case RegexNode.Look look:
                (long least, long most) = Width(look.Body);
                if (most > LongestLook) throw new InputException($"A regular expression looks behind by more than {LongestLook} characters.");
                RegexProgram body = Compile(look.Body, (int)least, (int)most);
                Emit(new RegexInstruction(RegexOperation.Behind, 0, look.Negative ? 1 : 0, Program: body));
                break;
            default: throw new ArgumentOutOfRangeException(nameof(node));
        }
    }

    private void AddAlternatives(IReadOnlyList<RegexNode> parts)
    {
        List<int> exits = [];
        for (int i = 0; i < parts.Count - 1; i++)
        {
            int branch = Emit(new RegexInstruction(RegexOperation.Branch));
            Add(parts[i]);
            exits.Add(Emit(new RegexInstruction(RegexOperation.Jump)));
            _steps[branch] = new RegexInstruction(RegexOperation.Branch, branch + 1, _steps.Count);
        }

        Add(parts[^1]);
        foreach (int exit in exits) _steps[exit] = new RegexInstruction(RegexOperation.Jump, _steps.Count);
    }

    private void AddRepetition(RegexNode.Repetition node)
    {
        if (node is { Body: RegexNode.Set set, Lazy: false })
        {
            Emit(new RegexInstruction(RegexOperation.Span, node.Least, node.Most < 0 ? int.MaxValue : node.Most, set.Points));
            return;
        }

        for (int i = 0; i < node.Least; i++) Add(node.Body);
        if (node.Most < 0)
        {
            AddLoop(node.Body, node.Lazy);
            return;
        }

        List<int> branches = [];
        for (int i = node.Least; i < node.Most; i++)
        {
            branches.Add(Emit(new RegexInstruction(RegexOperation.Branch)));
            Add(node.Body);
        }

        foreach (int branch in branches) _steps[branch] = Branch(branch + 1, _steps.Count, node.Lazy);
    }

    private void AddLoop(RegexNode body, bool lazy)
    {
        int register = _registers++;
        int branch = Emit(new RegexInstruction(RegexOperation.Branch));
        Emit(new RegexInstruction(RegexOperation.Mark, register));
        Add(body);
        int progress = Emit(new RegexInstruction(RegexOperation.Progress));
        Emit(new RegexInstruction(RegexOperation.Jump, branch));
        _steps[progress] = new RegexInstruction(RegexOperation.Progress, register, _steps.Count);
        _steps[branch] = Branch(branch + 1, _steps.Count, lazy);
    }

    private static RegexInstruction Branch(int into, int past, bool lazy) =>
        lazy ? new RegexInstruction(RegexOperation.Branch, past, into) : new RegexInstruction(RegexOperation.Branch, into, past);

    // Code points that a match takes at least and at most.
    private static (long Least, long Most) Width(RegexNode node)
    {
        switch (node)
        {
            case RegexNode.Set: return (1, 1);
            case RegexNode.Atomic atomic: return Width(atomic.Body);
            case RegexNode.Concatenation list:
                (long Least, long Most) sum = (0, 0);
                foreach (RegexNode part in list.Parts)
                {
                    (long least, long most) = Width(part);
                    sum = (Math.Min(sum.Least + least, int.MaxValue), Math.Min(sum.Most + most, int.MaxValue));
                }

                return sum;
            case RegexNode.Alternation list:
                (long Least, long Most)[] all = [.. list.Parts.Select(Width)];
                return (all.Min(static w => w.Least), all.Max(static w => w.Most));
            case RegexNode.Repetition repetition:
                (long low, long high) = Width(repetition.Body);
                return (Math.Min(low * repetition.Least, int.MaxValue),
                    high == 0 ? 0 : repetition.Most < 0 ? int.MaxValue : Math.Min(high * repetition.Most, int.MaxValue));
            default: return (0, 0);
        }
    }
}
