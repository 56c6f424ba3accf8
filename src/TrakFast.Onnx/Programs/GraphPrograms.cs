namespace TrakFast.Onnx.Programs;

/// <summary>
/// The programs of a graph by the shapes of its inputs: what an engine of its own runs. They are compiled as the managed engine
/// compiles its own, refuse what it refuses, and have no steps merged for its operators.
/// </summary>
public sealed class GraphPrograms
{
    private readonly ProgramCache _programs;

    /// <summary>Gets a graph ready to be compiled.</summary>
    /// <param name="graph">The graph.</param>
    /// <exception cref="TrakException">The graph uses operators that are not supported; the message names them all.</exception>
    public GraphPrograms(OnnxGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        _programs = new ProgramCache(graph, fuse: false);
    }

    /// <summary>Programs that are kept; those used longest ago are compiled again.</summary>
    public static int MostKept => ProgramCache.MostKept;

    /// <summary>The graph.</summary>
    public OnnxGraph Graph => _programs.Graph;

    /// <summary>The program for a batch's shapes; the same object for the same shapes as long as it is kept.</summary>
    /// <param name="batch">The batch.</param>
    /// <exception cref="TrakException">
    /// The batch lacks an input or brings another shape or type, or a node cannot do with the shapes.
    /// </exception>
    public GraphProgram For(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return _programs.For(InputReader.Shapes(Graph, batch)).Public;
    }
}
