namespace TrakFast;

/// <summary>Lets one step of an object run at a time, and none once it is disposed; what would be wrong says so instead.</summary>
/// <param name="owner">What to call the object.</param>
internal sealed class StepGuard(string owner)
{
    private const int Idle = 0, Running = 1, Closed = 2;
    private int _state;

    /// <summary>Begins a step, which ends when the result is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    /// <exception cref="InvalidOperationException">Another step is running.</exception>
    public IDisposable Enter()
    {
        Refuse(Interlocked.CompareExchange(ref _state, Running, Idle));
        return new Step(this);
    }

    /// <summary>Refuses what no step could do now.</summary>
    public void Check() => Refuse(Volatile.Read(ref _state));

    /// <summary>Closes for good.</summary>
    /// <returns>Whether it was open.</returns>
    /// <exception cref="InvalidOperationException">A step is running.</exception>
    public bool Close()
    {
        int before = Interlocked.CompareExchange(ref _state, Closed, Idle);
        if (before == Running) Refuse(before);
        return before == Idle;
    }

    private void Refuse(int state)
    {
        if (state == Closed) throw new ObjectDisposedException(owner);
        if (state == Running)
            throw new InvalidOperationException($"A step of this {owner} is still running; wait for its end before the next.");
    }

    private sealed class Step(StepGuard guard) : IDisposable
    {
        public void Dispose() => Interlocked.CompareExchange(ref guard._state, Idle, Running);
    }
}
