using System.Buffers.Binary;
using System.Text;

namespace TrakFast.Datasets;

/// <summary>What a piece of a SentencePiece model is.</summary>
internal enum PieceKind
{
    /// <summary>A piece of text.</summary>
    Normal = 1,

    /// <summary>Stands for unknown characters.</summary>
    Unknown = 2,

    /// <summary>Goes around texts and is never found in them.</summary>
    Control = 3,

    /// <summary>Is always kept as a whole.</summary>
    UserDefined = 4,

    /// <summary>Is never used.</summary>
    Unused = 5,

    /// <summary>Stands for a byte.</summary>
    Byte = 6,
}

/// <summary>A piece of a SentencePiece model.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Score">Logarithm of its probability, or its rank among merges.</param>
/// <param name="Kind">What it is.</param>
internal readonly record struct Piece(string Text, float Score, PieceKind Kind);

/// <summary>Reads a SentencePiece model: a message of protocol buffers.</summary>
internal sealed class SentencePieceFile
{
    private readonly List<Piece> _pieces = [];

    /// <summary>The pieces by number.</summary>
    public IReadOnlyList<Piece> Pieces => _pieces;

    /// <summary>Kind of the model: 1 unigram, 2 byte pairs, 3 words, 4 characters.</summary>
    public int ModelType { get; private set; } = 1;

    /// <summary>Whether unknown characters become their bytes.</summary>
    public bool ByteFallback { get; private set; }

    /// <summary>Whether the mark of a space ends a word rather than begins it.</summary>
    public bool SpaceAsSuffix { get; private set; }

    /// <summary>Rules of normalization; empty without any.</summary>
    public byte[] Rules { get; private set; } = [];

    /// <summary>Whether a space is put before texts.</summary>
    public bool DummyPrefix { get; private set; } = true;

    /// <summary>Whether spaces at the ends and repeated ones go.</summary>
    public bool RemoveSpaces { get; private set; } = true;

    /// <summary>Whether spaces are written as ▁.</summary>
    public bool EscapeSpaces { get; private set; } = true;

    /// <summary>Number of the piece for unknown characters.</summary>
    public int UnknownId { get; private set; } = -1;

    /// <summary>Reads a model.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public static SentencePieceFile Read(ReadOnlySpan<byte> bytes)
    {
        SentencePieceFile file = new();
        while (Field(ref bytes, out int number, out ulong value, out ReadOnlySpan<byte> content))
        {
            if (number == 1) file._pieces.Add(ReadPiece(content));
            else if (number == 2) file.ReadTrainer(content);
            else if (number == 3) file.ReadNormalizer(content);
        }

        if (file._pieces.Count == 0) throw new InputException("it holds no pieces, as a SentencePiece model does.");
        file.UnknownId = file._pieces.FindIndex(static p => p.Kind == PieceKind.Unknown);
        if (file.UnknownId < 0) throw new InputException("none of its pieces stands for unknown characters.");
        return file;
    }

    private static Piece ReadPiece(ReadOnlySpan<byte> bytes)
    {
        (string text, float score, int kind) = ("", 0, 1);
        while (Field(ref bytes, out int number, out ulong value, out ReadOnlySpan<byte> content))
        {
            if (number == 1) text = Encoding.UTF8.GetString(content);
            else if (number == 2) score = BitConverter.UInt32BitsToSingle((uint)value);
            else if (number == 3) kind = (int)Math.Min(value, 99);
        }

        if (text.Length == 0) throw new InputException("one of its pieces has no text.");
        if (!float.IsFinite(score)) throw new InputException($"its piece {TokenizerText.Quote(text)} has the score {score}.");
        if (kind is < 1 or > 6) throw new InputException($"its piece {TokenizerText.Quote(text)} is of the type {kind}, which is not known.");
        return new Piece(text, score, (PieceKind)kind);
    }

    private void ReadTrainer(ReadOnlySpan<byte> bytes)
    {
        while (Field(ref bytes, out int number, out ulong value, out _))
        {
            if (number == 3) ModelType = (int)Math.Min(value, 99);
            else if (number == 24) SpaceAsSuffix = value != 0;
            else if (number == 35) ByteFallback = value != 0;
        }
    }

    private void ReadNormalizer(ReadOnlySpan<byte> bytes)
    {
        while (Field(ref bytes, out int number, out ulong value, out ReadOnlySpan<byte> content))
        {
            if (number == 2) Rules = content.ToArray();
            else if (number == 3) DummyPrefix = value != 0;
            else if (number == 4) RemoveSpaces = value != 0;
            else if (number == 5) EscapeSpaces = value != 0;
        }
    }

    private static bool Field(ref ReadOnlySpan<byte> bytes, out int number, out ulong value, out ReadOnlySpan<byte> content)
    {
        (number, value) = (0, 0);
        content = default;
        if (bytes.IsEmpty) return false;
        ulong tag = Varint(ref bytes);
        number = tag >> 3 is > 0 and < 1 << 29 ? (int)(tag >> 3) : throw Broken();
        switch (tag & 7)
        {
            case 0: value = Varint(ref bytes); break;
            case 1: value = BinaryPrimitives.ReadUInt64LittleEndian(Take(ref bytes, 8)); break;
            case 2:
                content = Take(ref bytes, Varint(ref bytes));
                break;
            case 5: value = BinaryPrimitives.ReadUInt32LittleEndian(Take(ref bytes, 4)); break;
            default: throw Broken();
        }

        return true;
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, ulong count)
    {
        if (count > (ulong)bytes.Length) throw Broken();
        ReadOnlySpan<byte> result = bytes[..(int)count];
        bytes = bytes[(int)count..];
        return result;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = 0; i < 10 && i < bytes.Length; i++)
        {
            value |= (ulong)(bytes[i] & 127) << (7 * i);
            if (bytes[i] >= 128) continue;
            bytes = bytes[(i + 1)..];
            return value;
        }

        throw Broken();
    }

    private static InputException Broken() => new("it is no SentencePiece model: its fields are cut or of no known kind.");
}
