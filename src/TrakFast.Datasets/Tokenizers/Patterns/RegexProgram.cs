namespace TrakFast.Datasets;

/// <summary>A compiled regular expression over code points, matched by backtracking within a budget of steps.</summary>
/// <param name="steps">What is done.</param>
/// <param name="registers">Number of loops whose progress is noted.</param>
/// <param name="least">Code points to go back at least before a look behind.</param>
/// <param name="most">Code points to go back at most.</param>
internal sealed class RegexProgram(RegexInstruction[] steps, int registers, int least, int most)
{
    /// <summary>Matches at one place.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="start">Where the match is to begin.</param>
    /// <param name="run">Steps that are left, and room to remember other ways.</param>
    /// <returns>Where the match ends, or −1.</returns>
    public int Match(ReadOnlySpan<char> text, int start, RegexRun run) => Match(text, start, -1, run);

    private int Match(ReadOnlySpan<char> text, int start, int wantedEnd, RegexRun run)
    {
        int floor = run.Depth, marks = run.PushMarks(registers), result = -1;
        int step = 0, at = start;
        while (true)
        {
            run.Spend(text.Length);
            ref readonly RegexInstruction now = ref steps[step];
            bool ok = true;
            switch (now.Operation)
            {
                case RegexOperation.Set:
                    ok = at < text.Length && now.Set!.Contains(CodePoints.At(text, at, out int length)) && (at += length) > 0;
                    step++;
                    break;
                case RegexOperation.Span: ok = Span(text, in now, ref step, ref at, run); break;
                case RegexOperation.Branch:
                    run.Push(now.B, at, RegexRun.Way);
                    step = now.A;
                    break;
                case RegexOperation.Jump: step = now.A; break;
                case RegexOperation.Mark:
                    run.Push(marks + now.A, run.Marks[marks + now.A], RegexRun.Mark);
                    run.Marks[marks + now.A] = at;
                    step++;
                    break;
                case RegexOperation.Progress: step = run.Marks[marks + now.A] == at ? now.B : step + 1; break;
                case RegexOperation.Atomic:
                    int end = now.Program!.Match(text, at, -1, run);
                    ok = end >= 0;
                    if (ok) at = end;
                    step++;
                    break;
                case RegexOperation.Ahead:
                    ok = now.Program!.Match(text, at, -1, run) >= 0 == (now.B == 0);
                    step++;
                    break;
                case RegexOperation.Behind:
                    ok = now.Program!.EndsAt(text, at, run) == (now.B == 0);
                    step++;
                    break;
                case RegexOperation.Anchor:
                    ok = Stands(text, at, (RegexAnchor)now.A);
                    step++;
                    break;
                default:
                    ok = wantedEnd < 0 || wantedEnd == at;
                    if (ok) result = at;
                    break;
            }

            if (result >= 0 || (!ok && !run.Back(floor, text, ref step, ref at))) break;
        }

        run.Drop(floor, marks);
        return result;
    }

    private bool EndsAt(ReadOnlySpan<char> text, int end, RegexRun run)
    {
        int at = end;
        for (int count = 0; count <= most; count++)
        {
            if (count >= least && Match(text, at, end, run) >= 0) return true;
            if (at == 0) return false;
            CodePoints.Before(text, at, out int length);
            at -= length;
        }

        return false;
    }

    private static bool Span(ReadOnlySpan<char> text, in RegexInstruction now, ref int step, ref int at, RegexRun run)
    {
        int count = 0, enough = at;
        while (count < now.B && at < text.Length && now.Set!.Contains(CodePoints.At(text, at, out int length)))
        {
            at += length;
            if (++count == now.A) enough = at;
        }

        run.Spend(text.Length, count >> 3);
        step++;
        if (count < now.A) return false;
        if (at > enough) run.Push(step, at, enough);
        return true;
    }

    private static bool Stands(ReadOnlySpan<char> text, int at, RegexAnchor kind) => kind switch
    {
        RegexAnchor.TextStart => at == 0,
        RegexAnchor.TextEnd => at == text.Length,
        RegexAnchor.LastLineEnd => at == text.Length || (at == text.Length - 1 && text[at] == '\n'),
        RegexAnchor.LineStart => at == 0 || (text[at - 1] == '\n' && at < text.Length),
        RegexAnchor.LineEnd => at == text.Length || text[at] == '\n',
        _ => (IsWord(text, at, before: true) != IsWord(text, at, before: false)) == (kind == RegexAnchor.Boundary),
    };

    private static bool IsWord(ReadOnlySpan<char> text, int at, bool before)
    {
        if (before ? at == 0 : at == text.Length) return false;
        int c = before ? CodePoints.Before(text, at, out _) : CodePoints.At(text, at, out _);
        return (Characters.Properties[c] & Characters.PatternWord) != 0;
    }
}
