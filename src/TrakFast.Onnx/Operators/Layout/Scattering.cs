namespace TrakFast.Onnx;

/// <summary>What ScatterElements and ScatterND share: how updates meet the data, and the copy of it that they are written into.</summary>
internal static unsafe class Scattering
{
    /// <summary>Whether updates are added to the data, rather than written in its place.</summary>
    public static bool Adds(NodeBuilder node) => node.Node.Text("reduction", "none") switch
    {
        "none" => false,
        "add" => true,
        string other => throw node.Refuse($"has the reduction '{other}'; 'none' and 'add' are supported"),
    };

    /// <summary>Declares an output like the data, into which updates are written by indices.</summary>
    public static void Declare(NodeBuilder node)
    {
        Value data = node.Peek(0);
        node.Like(
            data, data.Shape,
            data.Placement.Batched ? data.Placement : Placement.WithoutAxis(node.Peek(1).Batched || node.Peek(2).Batched));
    }

    /// <summary>Copies the data into the output.</summary>
    public static void Copy(ForwardContext context)
    {
        Tensor x = context.Input(0), y = context.Output;
        long bytes = y.Length * sizeof(float);
        for (long part = 0; part < y.Parts; part++) Buffer.MemoryCopy(x.Data + (part * x.Stride), y.Data + (part * y.Length), bytes, bytes);
    }
}
