namespace TrakFast.Kernels;

/// <summary>
/// Copies from the device that go on by themselves: each into pinned memory of its own, which it gives back when it is complete. As much
/// is pinned as copies were under way at once. The device must be idle when it is disposed.
/// </summary>
internal sealed unsafe class PinnedDownloads(CudaContext context, nint stream) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Place> _places = [];

    /// <summary>Starts a copy.</summary>
    public IPendingCopy Start(nint source, nint destination, long bytes)
    {
        Place place = Take(bytes);
        try
        {
            using CudaContext.Scope scope = context.Enter();
            context.Check(context.Driver.CopyToHost(place.Memory, source, (nuint)bytes, stream), "copying to the host");
            place.Done.Record();
        }
        catch
        {
            place.IsFree = true;
            throw;
        }

        return new Download(place, destination, bytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Place place in _places) place.Dispose();
        _places.Clear();
    }

    private Place Take(long bytes)
    {
        lock (_lock)
        {
            Place? free = _places.Find(p => p.IsFree && p.Bytes >= bytes);
            if (free is null && _places.Find(static p => p.IsFree) is { } small)
            {
                _places.Remove(small);
                small.Dispose();
            }

            if (free is null) _places.Add(free = new Place(context, stream, bytes));
            free.IsFree = false;
            return free;
        }
    }

    /// <summary>Pinned memory, with the mark behind the copy into it.</summary>
    private sealed class Place : IDisposable
    {
        private readonly CudaContext _context;

        public Place(CudaContext context, nint stream, long bytes)
        {
            (_context, Bytes) = (context, bytes);
            Done = new CudaEvent(context, stream, timed: false);
            try
            {
                using CudaContext.Scope scope = context.Enter();
                void* memory;
                context.Check(context.Driver.HostAllocate(&memory, (nuint)bytes, 0), $"pinning {bytes} bytes of host memory for a copy");
                Memory = (byte*)memory;
            }
            catch
            {
                Done.Dispose();
                throw;
            }
        }

        public byte* Memory { get; }

        public long Bytes { get; }

        public CudaEvent Done { get; }

        /// <summary>Whether no copy is under way.</summary>
        public bool IsFree
        {
            get => Volatile.Read(ref field);
            set => Volatile.Write(ref field, value);
        }

        public void Dispose()
        {
            Done.Dispose();
            using CudaContext.Scope scope = _context.Enter();
            _context.Check(_context.Driver.HostFree(Memory), "freeing pinned host memory");
        }
    }

    private sealed class Download(Place place, nint destination, long bytes) : IPendingCopy
    {
        public bool IsComplete { get; private set; }

        public void Complete()
        {
            if (IsComplete) return;
            place.Done.Wait();
            Buffer.MemoryCopy(place.Memory, (void*)destination, bytes, bytes);
            IsComplete = true;
            place.IsFree = true;
        }
    }
}
