using System.Diagnostics;
using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Benchmarks;

internal static unsafe class Profile
{
    public static void Run(string[] args)
    {
        string net = args[0]; int B = int.Parse(args[1]), k = 2048, threads = int.Parse(args[2]); int reps = args.Length > 4 ? int.Parse(args[4]) : 5;
        Workers w = new(threads);
        OnnxGraph graph = net == "resnet9" ? SampleNetworks.ResNet9() : SampleNetworks.SmallBert();
        using OnnxModel model = new(graph, new OnnxOptions { Workers = w });
        Batch batch = SampleNetworks.Examples(graph, B);
        ParameterSelection all = ParameterSelection.All(model.Parameters);
        Console.WriteLine($"{all.Length} parameters, peak {Peak():f0} GFLOP/s a thread");
        using CpuBackend backend = new(w);
        using NativeBuffer<float> f = new((long)B * k);
        foreach (string mode in args[3].Split(','))
        {
            List<double> fw = [], bw = [], pr = [];
            long alloc = 0;
            Dictionary<string, double> by = [];
            for (int i = 0; i < reps + 1; i++)
            {
                long a0 = GC.GetTotalAllocatedBytes(true);
                long t0 = Stopwatch.GetTimestamp();
                if (mode == "forward") { model.Forward(batch, ParameterSelection.None).Dispose(); fw.Add(Stopwatch.GetElapsedTime(t0).TotalSeconds); bw.Add(0); pr.Add(0); continue; }
                using ModelResult result = model.Forward(batch, all);
                double tf = Stopwatch.GetElapsedTime(t0).TotalSeconds;
                Sink sink = new(backend, f, mode, by, all);
                model.Backward(Tasks.ImageClassification.GetOutput(result, batch), all, sink);
                double tt = Stopwatch.GetElapsedTime(t0).TotalSeconds;
                fw.Add(tf); bw.Add(tt - tf - sink.Time); pr.Add(sink.Time);
                alloc = GC.GetTotalAllocatedBytes(true) - a0;
            }
            double M(List<double> l) => l.Skip(1).Order().ElementAt((l.Count - 1) / 2);
            double total = M(fw) + M(bw) + M(pr);
            Console.WriteLine($"{mode}: forward {M(fw):f4} backward {M(bw):f4} project {M(pr):f4} total {total:f4} s, {B / total:f1} ex/s, allocated {alloc}");
            foreach (var e in by.OrderByDescending(e => e.Value).Take(args.Length > 5 ? 30 : 0)) Console.WriteLine($"   {e.Key,-40} {e.Value / (reps + 1):f4}");
        }
    }

    private sealed class Sink(CpuBackend backend, NativeBuffer<float> f, string mode, Dictionary<string, double> by, ParameterSelection all) : IGradientSink
    {
        public double Time;
        public void Accept(GradientBlock block)
        {
            long t = Stopwatch.GetTimestamp();
            if (mode == "kron") block = block with { Parameter = all.MatrixAt(block.Offset) };
            if (mode != "none") backend.Project(new Projection(mode == "sjlt" ? ProjectionKind.Sjlt : mode == "kron" ? ProjectionKind.Kronecker : mode == "gauss" ? ProjectionKind.Gaussian : ProjectionKind.Rademacher, 2048, 1, 0), block, f.View());
            double s = Stopwatch.GetElapsedTime(t).TotalSeconds;
            Time += s;
            string key = block switch { OuterProductBlock o => $"outer {o.Rows}x{o.Columns}x{o.Positions}", ConvolutionBlock c => $"conv {c.Geometry.OutputChannels}x{c.Geometry.UnfoldedRows}x{c.Geometry.OutputSize}", DenseBlock d => $"dense {d.Length}", _ => "rows" };
            by[key] = by.GetValueOrDefault(key) + s;
        }
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]
    private static double Peak()
    {
        var m = System.Numerics.Vector<float>.One * 0.999f;
        double best = 0;
        for (int r = 0; r < 5; r++)
        {
            var a = m; var b = m; var c = m; var d = m; var e = m; var g = m; var h = m; var i0 = m; var j = m; var k = m;
            long t = Stopwatch.GetTimestamp();
            for (int i = 0; i < 10_000_000; i++)
            {
                a = System.Numerics.Vector.FusedMultiplyAdd(a, m, m); b = System.Numerics.Vector.FusedMultiplyAdd(b, m, m); c = System.Numerics.Vector.FusedMultiplyAdd(c, m, m); d = System.Numerics.Vector.FusedMultiplyAdd(d, m, m); e = System.Numerics.Vector.FusedMultiplyAdd(e, m, m);
                g = System.Numerics.Vector.FusedMultiplyAdd(g, m, m); h = System.Numerics.Vector.FusedMultiplyAdd(h, m, m); i0 = System.Numerics.Vector.FusedMultiplyAdd(i0, m, m); j = System.Numerics.Vector.FusedMultiplyAdd(j, m, m); k = System.Numerics.Vector.FusedMultiplyAdd(k, m, m);
            }
            double s = Stopwatch.GetElapsedTime(t).TotalSeconds;
            if (System.Numerics.Vector.Sum(a + b + c + d + e + g + h + i0 + j + k) == 7) Console.WriteLine();
            best = Math.Max(best, 1e7 * 10 * System.Numerics.Vector<float>.Count * 2 / s / 1e9);
        }
        return best;
    }
}
