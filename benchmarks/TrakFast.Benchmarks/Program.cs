using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using TrakFast.Benchmarks;
using TrakFast.Benchmarks.Gpu;
using TrakFast.Cli.Bench;

if (args is ["allocations"]) return AllocationBudget.Run();
if (args is ["gpu"]) return GpuBench.Run();

// Short iterations in this process: a class takes seconds, and a rival loaded from a native library sees the same memory.
IConfig config = DefaultConfig.Instance.AddJob(Job.Default
    .WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(2).WithIterationCount(9)
    .WithIterationTime(Perfolizer.Horology.TimeInterval.FromMilliseconds(60)));
Console.WriteLine($"Rival of matrix kernels: {OpenBlas.Description}");
BenchmarkSwitcher.FromAssembly(typeof(FeaturizeBenchmark).Assembly).Run(args, config);
return 0;
