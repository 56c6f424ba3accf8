using System.Text.Json.Nodes;

namespace TrakFast.Datasets.Tests;

/// <summary>Numbers, types, masks, places and decoded text equal those of Hugging Face's library.</summary>
internal sealed class LibraryTests
{
    private static readonly Dictionary<string, (TextTokenizer Tokenizer, JsonNode Expected)> Loaded = [];

    private static IEnumerable<string> Names => TokenizerFixtures.Names;

    [TestCaseSource(nameof(Names))]
    public void SingleTextsEqualTheLibrarys(string name)
    {
        (TextTokenizer tokenizer, JsonNode expected) = Load(name);
        Assert.Multiple(() =>
        {
            for (int i = 0; i < TokenizerFixtures.Texts.Count; i++)
                Compare($"text {i}", tokenizer.Encode(TokenizerFixtures.Texts[i]), expected["texts"]![i]!);
        });
    }

    [TestCaseSource(nameof(Names))]
    public void PairsEqualTheLibrarys(string name)
    {
        (TextTokenizer tokenizer, JsonNode expected) = Load(name);
        Assert.Multiple(() =>
        {
            for (int i = 0; i < TokenizerFixtures.Pairs.Count; i++)
            {
                (string first, string second) = TokenizerFixtures.Pairs[i];
                Compare($"pair {i}", tokenizer.Encode(first, second), expected["pairs"]![i]!);
            }
        });
    }

    [TestCaseSource(nameof(Names))]
    public void TruncatedPairsEqualTheLibrarys(string name)
    {
        (TextTokenizer tokenizer, JsonNode expected) = Load(name);
        Assert.Multiple(() =>
        {
            foreach (JsonNode? cut in expected["truncated"]!.AsArray())
            {
                (string first, string second) = TokenizerFixtures.Pairs[(int)cut!["pair"]!];
                TokenizeOptions options = tokenizer.Options with
                {
                    MaxLength = (int)cut["max"]!,
                    Truncation = Enum.Parse<TextTruncation>((string)cut["strategy"]!),
                    TruncationSide = Side(cut),
                };
                string what = $"{cut["strategy"]} {cut["max"]} {cut["direction"]} {cut["pair"]}";
                if (cut["ids"] is null) Assert.Throws<InputException>(() => tokenizer.Encode(first, second, options), what);
                else Compare(what, tokenizer.Encode(first, second, options), cut);
            }
        });
    }

    [TestCaseSource(nameof(Names))]
    public void PaddedTextsEqualTheLibrarys(string name)
    {
        (TextTokenizer tokenizer, JsonNode expected) = Load(name);
        foreach (JsonNode? padded in expected["padded"]!.AsArray())
        {
            TokenSequence plain = tokenizer.Encode(
                TokenizerFixtures.Texts[(int)padded!["text"]!], null, tokenizer.Options with { Padding = TextPadding.None });
            Compare($"padded {padded["direction"]} {padded["text"]}", plain.Pad(24, new EncodedToken(3, 1, true, 0, 0), Side(padded)), padded);
        }
    }

    [TestCaseSource(nameof(Names))]
    public void WindowsEqualTheLibrarys(string name)
    {
        (TextTokenizer tokenizer, JsonNode expected) = Load(name);
        foreach (JsonNode? chunk in expected["chunks"]!.AsArray())
        {
            IReadOnlyList<TokenSequence> windows = tokenizer.Chunk(TokenizerFixtures.Texts[(int)chunk!["text"]!], 12, 3);
            int[][] wanted = [.. chunk["windows"]!.AsArray().Select(static w => TokenizerFixtures.Numbers(w, 0))];
            Assert.That(windows.Select(static w => w.Ids), Is.EqualTo(wanted));
        }
    }

    [TestCaseSource(nameof(Names))]
    public void DecodedTextEqualsTheLibrarys(string name)
    {
        (TextTokenizer tokenizer, JsonNode expected) = Load(name);
        Assert.Multiple(() =>
        {
            for (int i = 0; i < TokenizerFixtures.Texts.Count; i++)
            {
                int[] ids = TokenizerFixtures.Numbers(expected["texts"]![i]!["ids"], 0);
                Assert.That(tokenizer.Decode(ids), Is.EqualTo((string)expected["decoded"]![i]!), $"text {i}");
                TokenizeOptions plain = tokenizer.Options with { AddSpecialTokens = false };
                Assert.That(tokenizer.Encode(TokenizerFixtures.Texts[i], null, plain).Length, Is.EqualTo((int)expected["plain"]![i]!), $"plain {i}");
            }
        });
    }

    private static (TextTokenizer Tokenizer, JsonNode Expected) Load(string name)
    {
        if (!Loaded.TryGetValue(name, out (TextTokenizer, JsonNode) loaded))
        {
            loaded = (TextTokenizer.Read(Path.Combine(TokenizerFixtures.Folder, name, "tokenizer.json")), TokenizerFixtures.Read(name, "expected.json"));
            Loaded.Add(name, loaded);
        }

        return loaded;
    }

    private static TextSide Side(JsonNode node) => (string)node["direction"]! == "left" ? TextSide.Left : TextSide.Right;

    private static void Compare(string what, TokenSequence actual, JsonNode expected)
    {
        int[] ids = TokenizerFixtures.Numbers(expected["ids"], 0);
        Assert.That(actual.Ids, Is.EqualTo(ids), $"{what}: numbers");
        Assert.That(actual.TypeIds, Is.EqualTo(TokenizerFixtures.Numbers(expected["types"], ids.Length)), $"{what}: types");
        Assert.That(
            actual.SpecialTokens.Select(static s => s ? 1 : 0), Is.EqualTo(TokenizerFixtures.Numbers(expected["special"], ids.Length)), $"{what}: special");
        int[] attention = expected["attention"] is { } mask ? TokenizerFixtures.Numbers(mask, 0) : [.. Enumerable.Repeat(1, ids.Length)];
        Assert.That(actual.AttentionMask, Is.EqualTo(attention), $"{what}: attention");
        if (expected["places"] is not { } places) return;
        Assert.That(actual.Places.SelectMany(static p => (int[])[p.Start, p.End]), Is.EqualTo(TokenizerFixtures.Numbers(places, 0)), $"{what}: places");
    }
}
