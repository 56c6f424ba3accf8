using System.Text.Json.Nodes;

namespace TrakFast.Datasets.Tests;

/// <summary>Vocabularies without a tokenizer.json, and SentencePiece models.</summary>
internal sealed class FileKindTests
{
    [TestCase("bert-uncased", "vocab.txt")]
    [TestCase("bert-cased", "vocab.txt")]
    [TestCase("gpt2", "vocab.json")]
    [TestCase("gpt2", "merges.txt")]
    [TestCase("roberta", "vocab.json")]
    [TestCase("qwen2", "vocab.json")]
    [TestCase("clip", "vocab.json")]
    [TestCase("t5", "spiece.model")]
    [TestCase("xlm-roberta", "sentencepiece.bpe.model")]
    [TestCase("albert", "spiece.model")]
    [TestCase("deberta-v2", "spm.model")]
    [TestCase("llama2", "tokenizer.model")]
    [TestCase("llama2-first", "tokenizer.model")]
    public void OlderFilesGiveTheNumbersOfTokenizerJson(string name, string file)
    {
        string folder = Path.Combine(TokenizerFixtures.Folder, name);
        TextTokenizer older = TextTokenizer.Read(Path.Combine(folder, file)), json = TextTokenizer.Read(Path.Combine(folder, "tokenizer.json"));
        Assert.Multiple(() =>
        {
            Assert.That(older.VocabularySize, Is.EqualTo(json.VocabularySize));
            foreach (string text in TokenizerFixtures.Texts)
            {
                Assert.That(older.Encode(text).Ids, Is.EqualTo(json.Encode(text).Ids), text);
                Assert.That(older.Encode(text).Places, Is.EqualTo(json.Encode(text).Places), text);
            }

            foreach ((string first, string second) in TokenizerFixtures.Pairs)
            {
                Assert.That(older.Encode(first, second).Ids, Is.EqualTo(json.Encode(first, second).Ids), first);
                Assert.That(older.Encode(first, second).TypeIds, Is.EqualTo(json.Encode(first, second).TypeIds), first);
            }
        });
    }

    [TestCase("sentencepiece-unigram", "spiece.model")]
    [TestCase("sentencepiece-bpe", "tokenizer.model")]
    [TestCase("sentencepiece-suffix", "spm.model")]
    public void ModelsByThemselvesGiveSentencePiecesNumbers(string name, string file)
    {
        TextTokenizer tokenizer = TextTokenizer.Read(Path.Combine(TokenizerFixtures.Folder, name, file));
        JsonNode expected = TokenizerFixtures.Read(name, "expected.json");
        Assert.Multiple(() =>
        {
            for (int i = 0; i < TokenizerFixtures.Texts.Count; i++)
                Assert.That(tokenizer.Encode(TokenizerFixtures.Texts[i]).Ids, Is.EqualTo(TokenizerFixtures.Numbers(expected["ids"]![i], 0)), $"text {i}");
        });
    }
}
