using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace TrakFast.Datasets.Tests;

/// <summary>Single normalizers and pre-tokenizers do to texts, and to every character, what Hugging Face's library does.</summary>
internal sealed class PartTests
{
    private static readonly JsonNode File = TokenizerFixtures.Read("parts.json");

    private static IEnumerable<TestCaseData> Parts => Cases("parts");

    private static IEnumerable<TestCaseData> Sweeps => Cases("sweeps");

    [TestCaseSource(nameof(Parts))]
    public void PartsDoToTextsWhatTheLibrarysDo(int index)
    {
        JsonNode part = File["parts"]![index]!;
        string[] outputs = [.. part["outputs"]!.AsArray().Select(static o => (string)o!)];
        string[] actual = part["normalizer"] is not null
            ? [.. TokenizerFixtures.Texts.Select(Normalizer(part).Apply)]
            : [.. TokenizerFixtures.Texts.Where(static t => t.Length > 0).Select(t => Hash(Json(Pieces(part, t)))[..12])];
        Assert.Multiple(() =>
        {
            for (int i = 0; i < outputs.Length; i++) Assert.That(actual[i], Is.EqualTo(outputs[i]), $"text {i}");
        });
    }

    [TestCaseSource(nameof(Sweeps))]
    public void EveryCharacterIsTakenForWhatTheLibraryTakesItFor(int index)
    {
        JsonNode sweep = File["sweeps"]![index]!;
        bool normalizes = sweep["normalizer"] is not null;
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int block = 0; block < 0x110000; block += 4096)
        {
            StringBuilder text = new();
            for (int c = block; c < block + 4096; c++)
                if (c is < 0xD800 or > 0xDFFF) text.Append(normalizes ? 'a' : '1').Append(char.ConvertFromUtf32(c));
            if (text.Length == 0) continue;
            string result = normalizes ? Normalizer(sweep).Apply(text.ToString()) : string.Join('\n', Pieces(sweep, text.ToString()));
            hash.AppendData(Encoding.UTF8.GetBytes(result));
        }

        Assert.That(Convert.ToHexStringLower(hash.GetHashAndReset()), Is.EqualTo((string)sweep["hash"]!));
    }

    private static IEnumerable<TestCaseData> Cases(string kind)
    {
        JsonArray list = File[kind]!.AsArray();
        for (int i = 0; i < list.Count; i++)
        {
            string name = (list[i]!["normalizer"] ?? list[i]!["pre_tokenizer"])!.ToJsonString();
            yield return new TestCaseData(i).SetArgDisplayNames(string.Create(CultureInfo.InvariantCulture, $"{i}: {name}"));
        }
    }

    private static TextNormalizer Normalizer(JsonNode part)
    {
        JsonNode node = part["normalizer"]!.DeepClone();
        if ((string?)node["precompiled_charsmap"] == "of t5") node = TokenizerFixtures.Read("t5", "tokenizer.json")["normalizer"]!["normalizers"]![0]!;
        return NormalizerReader.Read(new JsonPart(TokenizerFixtures.Parse(node), "normalizer"));
    }

    private static IEnumerable<string> Pieces(JsonNode part, string text)
    {
        PreTokenizer preTokenizer = PreTokenizerReader.Read(new JsonPart(TokenizerFixtures.Parse(part["pre_tokenizer"]!), "pre_tokenizer"));
        AlignedText aligned = AlignedText.Of(text);
        return preTokenizer.Apply([new TextPiece(aligned, 0, aligned.Length)]).Select(static p => p.Chars.ToString());
    }

    // As JavaScript writes it.
    private static string Json(IEnumerable<string> texts)
    {
        StringBuilder result = new("[");
        foreach (string text in texts)
        {
            if (result.Length > 1) result.Append(',');
            result.Append('"');
            foreach (char c in text)
                _ = c switch
                {
                    '"' => result.Append("\\\""),
                    '\\' => result.Append("\\\\"),
                    '\b' => result.Append("\\b"),
                    '\f' => result.Append("\\f"),
                    '\n' => result.Append("\\n"),
                    '\r' => result.Append("\\r"),
                    '\t' => result.Append("\\t"),
                    < ' ' => result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                    _ => result.Append(c),
                };
            result.Append('"');
        }

        return result.Append(']').ToString();
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
