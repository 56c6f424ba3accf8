using System.Text;
using TrakFast.Cli.Tests.Support;
using TrakFast.Cli.Vocabularies;

namespace TrakFast.Cli.Tests.Vocabularies;

/// <summary>A file that is no vocabulary is refused with one sentence that names it and what is wrong.</summary>
public sealed class BadVocabularyTests
{
    private readonly VocabularyFiles _files = new();

    [OneTimeTearDown]
    public void Remove() => _files.Dispose();

    [TestCase("vocab.json", "", "is empty")]
    [TestCase("vocab.txt", "", "is empty")]
    [TestCase("vocab.txt", "\n\n", "no entries")]
    [TestCase("vocab.json", "{}", "no entries")]
    [TestCase("vocab.json", "{\"a\": 0, ", "cannot be read as JSON", "LineNumber: 0")]
    [TestCase("vocab.json", "the\ncat\n", "cannot be read as JSON")]
    [TestCase("vocab", "{\"a\": 0,", "cannot be read as JSON")]
    [TestCase("vocab.json", "{\"a\": 5, \"b\": 5}", "id 5", "'a' and 'b'")]
    [TestCase("vocab.json", "{\"a\": -1}", "'a' the id -1", "whole numbers from 0")]
    [TestCase("vocab.json", "{\"a\": 1.5}", "'a' the id 1.5")]
    [TestCase("vocab.json", "{\"a\": 99999999999}", "the id 99999999999")]
    [TestCase("vocab.json", "{\"a\": \"b\"}", "gives 'a' a JSON String")]
    [TestCase("vocab.json", "{\"a\": [1]}", "gives 'a' a JSON Array")]
    [TestCase("vocab.json", "17", "a JSON Number")]
    [TestCase("vocab.json", "[\"a\", 3]", "a JSON Number at place 1")]
    [TestCase("vocab.json", "[\"\\ud800\"]", "cannot be read as JSON")]
    [TestCase("tokenizer.json", "{\"model\": {\"type\": \"BPE\"}}", "'model' without a 'vocab'")]
    [TestCase("tokenizer.json", "{\"model\": {\"vocab\": {\"a\": 0}}, \"added_tokens\": [{\"id\": 3}]}", "added_tokens")]
    [TestCase(
        "tokenizer.json", "{\"model\": {\"vocab\": {\"a\": 0}}, \"added_tokens\": [{\"id\": -3, \"content\": \"x\"}]}", "'x' the id -3")]
    public void AMalformedFileIsSaid(string name, string content, params string[] parts) =>
        AssertRefused(_files.Write(name, content), parts);

    [Test]
    public void DeepNestingIsRefused() => AssertRefused(_files.Write("deep.json", new string('[', 5000)), "cannot be read as JSON");

    [Test]
    public void BinaryFilesAreRefused()
    {
        AssertRefused(
            _files.Write("spiece.model", 0x0A, 0x0E, 0x0A, 0x05, (byte)'<', (byte)'u', 0x15, 0, 0, 0, 0),
            "binary", "SentencePiece", "tokenizer.json");
        AssertRefused(_files.Write("latin1.txt", (byte)'a', (byte)'\n', 0xE9, (byte)'\n'), "no text in UTF-8", "byte 2");
        AssertRefused(_files.Write("marked.txt", 0xEF, 0xBB, 0xBF, (byte)'a', 0xFF), "byte 4");
    }

    [Test]
    public void WhatIsNoFileIsSaid()
    {
        AssertRefused(_files.Root, "it is a directory");
        AssertRefused(Path.Combine(_files.Root, "none.txt"), "no such file");
        AssertRefused(Path.Combine(_files.Root, "none", "vocab.txt"), "no such file");
    }

    [Test]
    public void AHugeFileIsNotRead()
    {
        string path = Path.Combine(_files.Root, "huge.txt");
        using (FileStream file = File.Create(path)) file.SetLength(TokenListFile.Largest + 1); // sparse
        AssertRefused(path, "134217729 bytes", "134217728");
    }

    [TestCase("vocab.txt", VocabularyFiles.WordPiece)]
    [TestCase("vocab.json", VocabularyFiles.ByteLevel)]
    [TestCase("tokenizer.json", VocabularyFiles.Unigram)]
    public void ADamagedFileIsReadOrRefused(string name, string content)
    {
        byte[] good = Encoding.UTF8.GetBytes(content);
        Random random = new(20230326);
        int read = 0;
        for (int i = 0; i < 1000; i++)
        {
            byte[] bad = Mutation.Of(good, random);
            string path = _files.Write(name, bad);
            try
            {
                TokenText.Of([.. Enumerable.Range(0, 20)], Vocabulary.Read(path)).ToLine();
                read++;
            }
            catch (TrakException refused)
            {
                Assert.That(refused.Message, Does.StartWith(path).And.EndsWith("."), Convert.ToBase64String(bad));
            }
        }

        Assert.That(read, Is.InRange(1, 999), "some are still readable, some are not");
    }

    private static void AssertRefused(string path, params string[] parts)
    {
        TrakException? refused = Assert.Catch<TrakException>(() => Vocabulary.Read(path));
        Assert.That(refused!.Message, Does.StartWith(path).And.EndsWith("."));
        foreach (string part in parts) Assert.That(refused.Message, Does.Contain(part));
        TestContext.Out.WriteLine(refused.Message);
    }
}
