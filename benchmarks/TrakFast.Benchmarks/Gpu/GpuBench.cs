using System.Globalization;
using TrakFast.Kernels;

namespace TrakFast.Benchmarks.Gpu;

/// <summary>
/// <c>-- gpu</c>: how fast are the device's kernels, beside what the device can do at most, beside the simple version of each, and
/// beside cuBLAS where that is found? Needs an NVIDIA driver and nothing else; published self-contained it runs on a machine without .NET.
/// </summary>
internal static class GpuBench
{
    /// <summary>Prints a line for each kernel and size; 0 if there is a device.</summary>
    public static int Run()
    {
        if (!CudaBackend.IsAvailable(0, out string detail))
        {
            Console.Error.WriteLine(detail);
            return 1;
        }

        using CudaDevice device = new(CudaLibrary.Load(), 0, 0, new PtxLibrary(typeof(PtxLibrary).Assembly, typeof(GpuBench).Assembly));
        using DeviceScratch scratch = new(device);
        using IKernelBackend backend = CudaBackend.Create();
        using CuBlas? cuBlas = CuBlas.TryLoad();
        using GpuTimer timer = new(device);
        Console.WriteLine(detail);
        Console.WriteLine(cuBlas is null
            ? "cuBLAS was not found; that column stays empty."
            : "Rival: cuBLAS, with the random matrix made before and not timed.");
        Dictionary<Bound, double> peaks = Peaks(device, backend, timer);
        Print($"copy {peaks[Bound.Copy] / 1e9:n0} GB/s read and written; float32 {peaks[Bound.Float32] / 1e12:n1} TFLOP/s; on tensor cores by mma.sync bfloat16 {peaks[Bound.Bf16] / 1e12:n0}, tf32 {peaks[Bound.Tf32] / 1e12:n0} TFLOP/s");
        Console.WriteLine();
        Console.WriteLine($"{"kernel",-34} {"size",-44} {"time",10}  {"rate",14}  {"of bound",8}  {"/ simple",8}  / cuBLAS");
        GpuCases cases = new(device, scratch, backend, cuBlas);
        foreach (Func<GpuArrays, GpuCase> make in cases.All)
        {
            // Each case frees its arrays: together they would not fit.
            using GpuArrays arrays = new(backend);
            Report(make(arrays), timer, peaks);
        }

        return 0;
    }

    private static Dictionary<Bound, double> Peaks(CudaDevice device, IKernelBackend backend, GpuTimer timer)
    {
        using GpuArrays arrays = new(backend);
        MemoryView from = arrays.Random(1L << 28), to = arrays.Zeros(1L << 28), sums = arrays.Zeros(PeakLaunches.Length(device));
        return new Dictionary<Bound, double>
        {
            [Bound.Copy] = 2.0 * from.Length * sizeof(float) / timer.Seconds(_ => device.Copy(from, to)),
            [Bound.Float32] = PerSecond(() => PeakLaunches.Fma(device, sums)),
            [Bound.Bf16] = PerSecond(() => PeakLaunches.Bf16(device, sums)),
            [Bound.Tf32] = PerSecond(() => PeakLaunches.Tf32(device, sums)),
        };

        double PerSecond(Func<double> launch)
        {
            double operations = 0, seconds = timer.Seconds(_ => operations = launch());
            return operations / seconds;
        }
    }

    private static void Report(GpuCase question, GpuTimer timer, Dictionary<Bound, double> peaks)
    {
        double seconds = timer.Seconds(question.Run), rate = question.Work / seconds;
        string speed = question.Bound == Bound.Copy ? $"{rate / 1e9:n0} GB/s" : $"{rate / 1e12:n1} TFLOP/s";
        string simple = question.Reference is null ? "" : $"{timer.Seconds(question.Reference) / seconds:n1}";
        string rival = question.Rival is null ? "" : $"{timer.Seconds(question.Rival) / seconds:n2} ({question.RivalName})";
        Print($"{question.Kernel,-34} {question.Size,-44} {seconds * 1e3,7:n3} ms  {speed,14}  {rate / peaks[question.Bound],8:p0}  {simple,8}  {rival}");
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
