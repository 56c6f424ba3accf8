using System.Runtime.InteropServices;

namespace TrakFast.Kernels.Tests;

/// <summary>
/// A CUDA driver in host memory. Like the real one it does what goes to a stream later: when somebody waits for it. It counts what
/// is alive, refuses calls outside the primary context, and fails where a test tells it to.
/// </summary>
internal sealed partial class FakeDriver : IDisposable
{
    private static FakeDriver? s_current;

    private readonly Dictionary<string, (CudaResult Result, int After)> _failures = [];
    private readonly Dictionary<nint, nint> _functions = [];
    private readonly Dictionary<nint, long> _events = [], _memory = [], _pinned = [];
    private readonly Dictionary<nint, PtxSignature> _modules = [];
    private readonly Queue<Action> _stream = [];
    private readonly ThreadLocal<Stack<nint>> _contexts = new(static () => []);
    private long _done;
    private nint _lastHandle = 1000;

    public FakeDriver() => s_current = this;

    /// <summary>The devices.</summary>
    public IReadOnlyList<FakeDevice> Devices { get; init; } = [new()];

    /// <summary>What cuDriverGetVersion says.</summary>
    public int Version { get; init; } = 12040;

    /// <summary>What a compilation that fails writes into the log.</summary>
    public string Log { get; init; } = "";

    /// <summary>The parameters' sizes of every kernel, in place of those in its PTX.</summary>
    public int[]? ParameterBytes { get; init; }

    /// <summary>Retained primary contexts that were not released.</summary>
    public int Retained { get; private set; }

    /// <summary>Memory, pinned memory, modules and events that were not given back.</summary>
    public (int Memory, int Pinned, int Modules, int Events) Alive => (_memory.Count, _pinned.Count, _modules.Count, _events.Count);

    /// <summary>Contexts that this thread entered and did not leave.</summary>
    public Stack<nint> Contexts => _contexts.Value!;

    /// <summary>Launches in their order.</summary>
    public List<FakeLaunch> Launches { get; } = [];

    /// <summary>Dynamic shared memory that functions were allowed.</summary>
    public List<int> AllowedSharedBytes { get; } = [];

    /// <summary>Every stream that work went to.</summary>
    public HashSet<nint> Streams { get; } = [];

    /// <summary>Calls of functions, by name.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Makes a function fail from its next call on, or after some calls that still succeed.</summary>
    public void Fail(string function, int result, int after = 0) =>
        _failures[function] = ((CudaResult)result, after + Calls.Count(call => call == function));

    public void Dispose()
    {
        Finish(long.MaxValue);
        _contexts.Dispose();
        s_current = null;
    }

    private static FakeDriver Driver => s_current!;

    // What every function does first: fail where told to, and where no context is current that needs one.
    private CudaResult Begin(string function, bool needsContext = true)
    {
        const int InvalidContext = 201;
        Calls.Add(function);
        if (_failures.TryGetValue(function, out (CudaResult Result, int After) failure)
            && Calls.Count(call => call == function) > failure.After)
            return failure.Result;
        return needsContext && (Retained == 0 || Contexts.Count == 0 || Contexts.Peek() != Context)
            ? (CudaResult)InvalidContext
            : CudaResult.Success;
    }

    // Work for the stream.
    private CudaResult Later(string function, nint stream, Action work)
    {
        CudaResult result = Begin(function);
        if (result != CudaResult.Success) return result;
        Streams.Add(stream);
        _stream.Enqueue(work);
        return result;
    }

    // Does the stream's work up to a number.
    private void Finish(long number)
    {
        for (; _done < number && _stream.TryDequeue(out Action? work); _done++) work();
    }

    private unsafe CudaResult Allocate(string function, Dictionary<nint, long> alive, void** pointer, nuint bytes)
    {
        CudaResult result = Begin(function);
        if (result != CudaResult.Success) return result;
        if (alive == _memory && alive.Values.Sum() + (long)bytes > Devices[0].Bytes) return CudaResult.OutOfMemory;
        void* memory = NativeMemory.AlignedAlloc(bytes, 256);
        NativeMemory.Fill(memory, bytes, 0xFF);
        alive.Add((nint)memory, (long)bytes);
        *pointer = memory;
        return result;
    }

    private unsafe CudaResult Free(string function, Dictionary<nint, long> alive, nint pointer)
    {
        CudaResult result = Begin(function);
        if (result != CudaResult.Success) return result;
        Finish(long.MaxValue);
        if (!alive.Remove(pointer)) return InvalidValue;
        NativeMemory.AlignedFree((void*)pointer);
        return result;
    }

    private nint NewHandle() => ++_lastHandle;
}
