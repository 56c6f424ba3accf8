namespace TrakFast.Onnx;

/// <summary>A graph's programs by the shapes of its inputs; clones of a model share them.</summary>
internal sealed class ProgramCache
{
    /// <summary>Programs that are kept.</summary>
    public const int MostKept = 8;

    private readonly bool _fuse;
    private readonly Lock _lock = new();
    private readonly List<(long[][] Shapes, Program Program)> _programs = [];

    /// <param name="graph">The graph.</param>
    /// <param name="fuse">Whether steps are merged for the managed operators.</param>
    public ProgramCache(OnnxGraph graph, bool fuse = true)
    {
        OperatorSet.RefuseUnknown(graph);
        _fuse = fuse;
        Graph = graph;
    }

    public OnnxGraph Graph { get; }

    /// <summary>The program for inputs of these shapes, one example's each, without the examples' axis.</summary>
    public Program For(long[][] shapes)
    {
        lock (_lock)
        {
            int known = _programs.FindIndex(
                p => p.Shapes.Zip(shapes, static (a, b) => a.AsSpan().SequenceEqual(b)).All(static same => same));
            (long[][] Shapes, Program Program) found = known >= 0 ? _programs[known] : (shapes, Compiler.Compile(Graph, shapes, _fuse));
            if (known > 0) _programs.RemoveAt(known);
            if (known != 0) _programs.Insert(0, found);
            if (_programs.Count > MostKept) _programs.RemoveAt(MostKept);
            return found.Program;
        }
    }
}
