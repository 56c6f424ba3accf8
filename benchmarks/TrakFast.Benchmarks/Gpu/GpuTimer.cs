using TrakFast.Kernels;

namespace TrakFast.Benchmarks.Gpu;

/// <summary>Times work on a device by the device's own clock.</summary>
internal sealed class GpuTimer(CudaDevice device) : IDisposable
{
    private const int Warm = 3, Rounds = 21;

    private readonly CudaEvent _start = device.CreateEvent();
    private readonly CudaEvent _end = device.CreateEvent();

    /// <summary>The median of the seconds that work takes; it is told its round, to take other inputs than the round before.</summary>
    public double Seconds(Action<int> work)
    {
        List<double> times = [];
        for (int round = -Warm; round < Rounds; round++)
        {
            _start.Record();
            work(round + Warm);
            _end.Record();
            _end.Wait();
            if (round >= 0) times.Add(_end.MillisecondsSince(_start) / 1000);
        }

        times.Sort();
        return times[Rounds / 2];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _start.Dispose();
        _end.Dispose();
    }
}
