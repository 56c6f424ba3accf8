using Google.Protobuf;
using TrakFast.Onnx.Proto;

namespace TrakFast.Onnx;

/// <summary>Reads and writes ONNX files. Nothing in a file is believed: sizes are checked before memory is taken.</summary>
public static class OnnxFile
{
    /// <summary>Reads a graph.</summary>
    /// <param name="path">The file. Arrays that the exporter put into other files are read from its folder.</param>
    /// <exception cref="TrakException">
    /// There is no such file, it is not ONNX, it is damaged, or it uses what TrakFast does not read.
    /// </exception>
    public static OnnxGraph Read(string path)
    {
        string name = Path.GetFileName(path);
        try
        {
            if (FileKind.Recognize(path) is { } kind) throw new TrakException($"The model '{path}' {kind}; an ONNX file is wanted.");
            using FileStream stream = File.OpenRead(path);
            return Read(stream, name, Path.GetDirectoryName(Path.GetFullPath(path)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new TrakException(
                $"The model '{path}' cannot be read: {(Directory.Exists(path) ? "it is a directory." : error.Message)}", error);
        }
    }

    /// <summary>Reads a graph from a stream. It must hold its arrays: a stream has no folder with other files.</summary>
    /// <param name="stream">The bytes of an ONNX file.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="TrakException">It is not ONNX, it is damaged, or it uses what TrakFast does not read.</exception>
    public static OnnxGraph Read(Stream stream, string name) => Read(stream, name, folder: null);

    /// <summary>Writes a graph with its stored arrays.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="path">The file to write or replace.</param>
    public static void Write(OnnxGraph graph, string path)
    {
        using FileStream stream = File.Create(path);
        Write(graph, stream);
    }

    /// <summary>Writes a graph with its stored arrays to a stream.</summary>
    public static void Write(OnnxGraph graph, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(graph);
        GraphWriter.Write(graph).WriteTo(stream);
    }

    private static OnnxGraph Read(Stream stream, string name, string? folder)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(stream);
        }
        catch (InvalidProtocolBufferException error)
        {
            // Protobuf's own text goes on for several sentences; the first says what it met.
            throw new TrakException(
                $"{name} is not a whole ONNX file ({error.Message.Split(". ", 2)[0].TrimEnd('.')}); copy or export it again.", error);
        }

        return GraphReader.Read(model, name, folder);
    }
}
