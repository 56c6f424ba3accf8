using System.Security.Cryptography;
using System.Text;

namespace TrakFast.Datasets;

/// <summary>Finds out what a path holds and reads it.</summary>
internal static class TokenizerReader
{
    private static readonly string[] Names =
    [
        "tokenizer.json", "vocab.json", "vocab.txt", "spiece.model", "tokenizer.model", "sentencepiece.bpe.model", "spm.model",
        "sentencepiece.model",
    ];

    /// <summary>Reads a tokenizer.</summary>
    /// <param name="path">A file, or a folder that holds one of the usual names.</param>
    /// <param name="file">The file that was read.</param>
    /// <exception cref="TrakException">There is none, or it cannot be used.</exception>
    public static TokenizerParts Read(string path, out string file)
    {
        file = Directory.Exists(path) ? Find(path) : path;
        TokenizerConfig config = TokenizerConfig.Beside(file);
        string read = file;
        TokenizerParts parts = Path.GetExtension(file).ToUpperInvariant() switch
        {
            ".JSON" => TokenizerConfig.Named(file, json => Json(json, read, config)),
            ".TXT" when Path.GetFileName(file) == "merges.txt" => Read(Beside(file, "vocab.json"), out file),
            ".TXT" => Bytes(file, bytes => BertVocabulary.Read(bytes, config)),
            ".MODEL" => Bytes(file, bytes => SentencePieceConverter.Read(bytes, config)),
            _ => throw new InputException(
                $"{path} is none of the files that hold tokenizers: tokenizer.json, vocab.txt, vocab.json with merges.txt, or a .model of SentencePiece."),
        };
        return Configure(parts, config);
    }

    /// <summary>What tells a tokenizer from others: 16 hex digits of a SHA-256 over its file and those beside it that count.</summary>
    /// <exception cref="TrakException">A file cannot be read.</exception>
    public static string Fingerprint(string file)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] beside = ["vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"];
        foreach (string one in beside.Select(name => Beside(file, name)).Where(one => one != file && File.Exists(one)).Prepend(file))
        {
            byte[] bytes = TokenizerFile.Read(one);
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetFileName(one)} {bytes.Length}\n"));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static TokenizerParts Json(JsonPart json, string path, TokenizerConfig config)
    {
        if (json.IsObject && json.Maybe("model") is { IsObject: true }) return TokenizerJson.Read(json, config.Added);
        return BytePairVocabulary.Read(json, TokenizerFile.Read(Beside(path, "merges.txt")), config);
    }

    private static TokenizerParts Bytes(string path, Func<byte[], TokenizerParts> read)
    {
        byte[] bytes = TokenizerFile.Read(path);
        try
        {
            return read(bytes);
        }
        catch (InputException error)
        {
            throw new InputException($"{path} is not a tokenizer that can be used: {error.Message}", error);
        }
    }

    private static TokenizerParts Configure(TokenizerParts parts, TokenizerConfig config) => parts with
    {
        ModelMaxLength = config.ModelMaxLength ?? parts.ModelMaxLength,
        PadToken = config.Token("pad_token") ?? parts.PadToken,
        PadId = config.Token("pad_token") is { } pad && parts.Source.IdOf(pad) is { } id ? id : parts.PadId,
        Options = parts.Options with
        {
            PaddingSide = config.PaddingSide ?? parts.Options.PaddingSide,
            TruncationSide = config.TruncationSide ?? parts.Options.TruncationSide,
        },
    };

    private static string Find(string folder) =>
        Names.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists) ?? throw new InputException(
            $"{folder} holds no tokenizer: neither {string.Join(", ", Names[..^1])} nor {Names[^1]}.");

    private static string Beside(string path, string name) => Path.Combine(Path.GetDirectoryName(path) ?? "", name);
}
