using TrakFast.Cli.Vocabularies;

namespace TrakFast.Cli.Tests.Vocabularies;

/// <summary>Token ids become the text a person would write, whatever kind of vocabulary they are of.</summary>
public sealed class VocabularyTests
{
    private readonly VocabularyFiles _files = new();

    [OneTimeTearDown]
    public void Remove() => _files.Dispose();

    [TestCase("2 4 5 7 8 9 10 3", "the filmmaker's.", TestName = "PiecesContinueWords")]
    [TestCase("12 8 13 11 4 14 5 15", "don't, the (film)", TestName = "PunctuationStandsAsPeopleWriteIt")]
    [TestCase("4 5 8 4", "the film ' the", TestName = "AnApostropheAloneKeepsItsBlanks")]
    [TestCase("2 4 3 5 3", "the|[SEP]|film", TestName = "WhatFramesEveryRowIsLeftOutAtItsEnds")]
    [TestCase("2 1 4 1 3", "[UNK]|the|[UNK]", TestName = "WhatTheModelDidNotKnowStays")]
    [TestCase("2 3", "", TestName = "ARowOfNothingElseIsEmpty")]
    [TestCase("6 4", "##s the", TestName = "APieceWithoutItsWordKeepsItsMark")]
    [TestCase("5 17", "filmé", TestName = "LettersOfSeveralBytesInLines")]
    [TestCase("4 1 16", "the|[UNK]|<script>", TestName = "ElementsAreOnlyText")]
    public void WordPiece(string ids, string expected) => AssertText("vocab.txt", VocabularyFiles.WordPiece, ids, expected);

    [TestCase("1 2 4", "the caté")]
    [TestCase("1 2 3 1", "the cat\nthe")]
    [TestCase("1 0 6 7", "the 🐱", TestName = "AnEmojiOverSeveralTokens")]
    [TestCase("1 9", "the 😀")]
    [TestCase("1 8 2", "the\uFFFD cat", TestName = "BytesOfNoCharacterAreVisible")]
    [TestCase("6 10 7", "\uFFFD|<|endoftext|>|\uFFFD\uFFFD", TestName = "ACharacterDoesNotReachOverASpecialToken")]
    [TestCase("1 5", "the <script>")]
    public void ByteLevel(string ids, string expected) => AssertText("gpt2.json", VocabularyFiles.ByteLevel, ids, expected);

    [TestCase("12 3 5 6 9 7 8 13", "a photo's cat.")]
    [TestCase("3 10 11", "a é")]
    public void Clip(string ids, string expected) => AssertText("clip.json", VocabularyFiles.Clip, ids, expected);

    [TestCase("4 5 6 1", "the cats")]
    [TestCase("9 4 3 7 8", "<extra_id_0>|the \uFFFD")]
    public void SentencePiece(string ids, string expected) => AssertText("tokenizer.json", VocabularyFiles.Unigram, ids, expected);

    [Test]
    public void BytesOfSentencePieceMakeUpCharacters() =>
        AssertText("bytes.json", """["▁a", "<0xF0>", "<0x9F>", "<0x90>", "<0xB1>", "b"]""", "0 1 2 3 4 5", "a🐱b");

    [Test]
    public void SentencePieceVocabHasScoresBehindATab() =>
        AssertText("spm.vocab", "<unk>\t0\n<s>\t0\n▁the\t-3.5\n▁cat\t-4e1\ns\t-5\n", "1 2 3 4", "the cats");

    [Test]
    public void LinesMayEndInTwoCharactersAndBeginWithAMark() =>
        AssertText("windows.txt", "\uFEFFthe\r\ncat\r\n##s", "0 1 2", "the cats");

    [Test]
    public void WholeWordsAndCharactersNeedNoMarks()
    {
        AssertText("words.json", """{"the": 1, "cat": 2}""", "1 2", "the cat");
        AssertText("characters.txt", "a\nb\n \n🐱\n", "0 1 2 0 3", "ab a🐱");
    }

    [Test]
    public void IdsMayBeKeys() => AssertText("index.json", """{"0": "cat", "7": "dog"}""", "7 0", "dog cat");

    [Test]
    public void TheTokenizersOfModelsWithObjectsAreRead() =>
        AssertText("wordpiece.json", """{"added_tokens": [{"id": 3, "content": "[NEW]", "special": true}], "model": {"type": "WordPiece", "vocab": {"film": 0, "##s": 1}}}""", "0 1 3", "films|[NEW]");

    [Test]
    public void OneMarkOfAnotherKindDoesNotDecide()
    {
        AssertText("gpt.json", """{"Ġa": 0, "Ġb": 1, "###": 2, "c": 3}""", "0 2 1", "a### b");
        AssertText("multilingual.txt", "Ġ\nfilm\n##s\n##x\n", "1 2", "films");
    }

    [Test]
    public void AnUnknownIdIsVisible() => AssertText("vocab.txt", VocabularyFiles.WordPiece, "4 99 -3 5", "the|⟨99⟩|⟨-3⟩|film");

    [Test]
    public void ControlCharactersAreVisible()
    {
        Vocabulary vocabulary = Vocabulary.Read(_files.Write("controls.json", """{"a\u0000b": 0, "\u202Ec": 1, "x\ny": 2, "z\r": 3}"""));
        TokenText text = TokenText.Of([0, 1, 2, 3], vocabulary);
        Assert.That(text.Runs.Single().Text, Is.EqualTo("a␀b ⟨U+202E⟩c x\ny z␍"));
        Assert.That(text.ToLine(), Is.EqualTo("a␀b ⟨U+202E⟩c x␊y z␍"));
    }

    [Test]
    public void ARowOfAnyLengthIsBounded()
    {
        Vocabulary vocabulary = Vocabulary.Read(_files.Write("long.json", $$"""{"{{new string('x', 100_000)}}": 0}"""));
        TokenText text = TokenText.Of([.. Enumerable.Repeat(0L, 100_000)], vocabulary);
        Assert.That(text.Omitted, Is.EqualTo(100_000 - 4096));
        Assert.That(text.Runs.Sum(static r => r.Text.Length), Is.LessThan(4096 * 203));
    }

    [TestCase("vocab.txt", VocabularyFiles.WordPiece, "0 0 2 4 3 0 0", "2 4 3")]
    [TestCase("clip.json", VocabularyFiles.Clip, "12 3 13 13 13", "12 3 13")]
    [TestCase("clip.json", VocabularyFiles.Clip, "12 3 13 0 0 0", "12 3 13")]
    [TestCase("clip.json", VocabularyFiles.Clip, "12 3 0 0", "12 3 0 0")]
    [TestCase("clip.json", VocabularyFiles.Clip, "0 0", "0 0")]
    [TestCase("gpt2.json", VocabularyFiles.ByteLevel, "10 1 10 2 10 10", "10 1 10 2 10")]
    public void PaddingIsLeftOut(string name, string content, string ids, string kept) =>
        Assert.That(Padding.Remove(Ids(ids), Vocabulary.Read(_files.Write(name, content))), Is.EqualTo(Ids(kept)));

    [Test]
    public void AMaskSaysWhatIsPadding() =>
        Assert.That(Padding.RemoveMasked([5, 6, 7, 8], [0, 1, 1, 0]), Is.EqualTo(new long[] { 6, 7 }));

    private void AssertText(string name, string content, string ids, string expected)
    {
        TokenText text = TokenText.Of(Ids(ids), Vocabulary.Read(_files.Write(name, content)));
        Assert.That(string.Join('|', text.Runs.Select(static r => r.Text)), Is.EqualTo(expected));
        Assert.That(text.Runs.Where(static r => r.Kind == RunKind.Unknown).Select(static r => r.Text), Is.All.StartsWith("⟨"));
    }

    private static long[] Ids(string text) => [.. text.Split(' ').Select(long.Parse)];
}
