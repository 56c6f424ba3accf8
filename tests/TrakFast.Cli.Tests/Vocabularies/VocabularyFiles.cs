namespace TrakFast.Cli.Tests.Vocabularies;

/// <summary>A directory of vocabularies written by hand, in the formats that tokenizers write.</summary>
internal sealed class VocabularyFiles : IDisposable
{
    /// <summary>BERT: lines, ids 0 to 17.</summary>
    public const string WordPiece = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nthe\nfilm\n##s\n##maker\n'\ns\n.\n,\ndon\nt\n(\n)\n<script>\n##é\n";

    /// <summary>GPT-2: bytes as characters; 6 and 7 are halves of an emoji, 8 begins a character that never ends.</summary>
    public const string ByteLevel =
        """{"Ġ": 0, "the": 1, "Ġcat": 2, "Ċ": 3, "Ã©": 4, "Ġ<script>": 5, "ðŁ": 6, "Ĳ±": 7, "Ã": 8, "ĠðŁĺĢ": 9, "<|endoftext|>": 10}""";

    /// <summary>CLIP: bytes, and words that end with a mark.</summary>
    public const string Clip = """{"!": 0, "!</w>": 1, "Ġ": 2, "a</w>": 3, "photo</w>": 4, "ph": 5, "oto</w>": 6, "cat</w>": 7, ".</w>": 8, "'s</w>": 9, "Ã": 10, "©</w>": 11, "<|startoftext|>": 12, "<|endoftext|>": 13}""";

    /// <summary>T5 or Llama: pieces with a mark for blanks, and bytes.</summary>
    public const string Unigram = """
        {"version": "1.0",
         "added_tokens": [{"id": 9, "content": "<extra_id_0>", "special": true}, {"id": 0, "content": "<pad>", "special": true}],
         "model": {"type": "Unigram", "vocab": [["<pad>", 0.0], ["</s>", 0], ["<unk>", 0], ["▁", -2], ["▁the", -3], ["▁cat", -4.5], ["s", -5], ["<0xF0>", 0], ["<0x9F>", 0]]}}
        """;

    public VocabularyFiles() => Root = Directory.CreateTempSubdirectory("trakfast-vocabulary-").FullName;

    public string Root { get; }

    /// <summary>Writes a file and gives its path.</summary>
    public string Write(string name, string text)
    {
        string path = Path.Combine(Root, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Writes bytes and gives their path.</summary>
    public string Write(string name, params byte[] bytes)
    {
        string path = Path.Combine(Root, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
