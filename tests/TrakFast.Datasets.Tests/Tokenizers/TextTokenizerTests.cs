using Microsoft.ML.Tokenizers;

namespace TrakFast.Datasets.Tests;

/// <summary>What callers see: batches, options, folders, errors.</summary>
internal sealed class TextTokenizerTests
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"trakfast-tokenizer-{Guid.NewGuid():N}");

    [SetUp]
    public void MakeFolder() => Directory.CreateDirectory(_folder);

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void BatchesAreRectangularAndMaskTheirPadding()
    {
        TextTokenizer tokenizer = Fixture("bert-uncased", "vocab.txt");
        TokenBatch batch = tokenizer.EncodeBatch(["Hello", "Hello there, how are you?"]);
        Assert.That(batch.InputIds.Shape, Is.EqualTo((long[])[2, batch.Length]));
        Assert.That(batch.Sequences[1].AttentionMask, Has.All.EqualTo(1));
        int tokens = tokenizer.Encode("Hello").Length;
        Assert.That(batch.AttentionMask.ToLongs().Take(batch.Length).Sum(), Is.EqualTo(tokens));
        Assert.That(batch.InputIds.ToLongs().Take(batch.Length).Skip(tokens), Has.All.EqualTo(tokenizer.PadId));
        Assert.That(batch.Length, Is.GreaterThan(tokens));
    }

    [Test]
    public void BatchesOfPairsHaveTheLengthAskedFor()
    {
        TextTokenizer tokenizer = Fixture("bert-cased", "tokenizer.json");
        TokenizeOptions options = new() { MaxLength = 16, Padding = TextPadding.Fixed };
        Assert.That(
            () => tokenizer.EncodeBatch(["a"], ["b"], options), Throws.TypeOf<InputException>().With.Message.Contains("pad_token"));
        TokenBatch batch = Fixture("bert-cased", "vocab.txt").EncodeBatch(["a", TokenizerFixtures.Pairs[4].First], ["b", TokenizerFixtures.Pairs[4].Second], options);
        Assert.That(batch.TokenTypeIds.Shape, Is.EqualTo((long[])[2, 16]));
        Assert.That(batch.TokenTypeIds.ToLongs().Skip(16).Last(), Is.EqualTo(1));
        Assert.That(batch.AttentionMask.ToLongs().Skip(16), Has.All.EqualTo(1));
    }

    [Test]
    public void ABatchOfSeveralLengthsIsRefusedUnlessFilledUp() => Assert.That(
        () => Fixture("gpt2", "vocab.json").EncodeBatch(["a", "a b c"], null, new TokenizeOptions()), Throws.TypeOf<InputException>());

    [Test]
    public void AnEmptyBatchHasNoRows() => Assert.That(Fixture("gpt2", "vocab.json").EncodeBatch([]).InputIds.Shape, Is.EqualTo((long[])[0, 0]));

    [Test]
    public void AMaximumBelowWhatGoesAroundTextsIsRefused() => Assert.That(
        () => Fixture("bert-uncased", "vocab.txt").Encode("a", null, new TokenizeOptions { MaxLength = 1 }),
        Throws.TypeOf<InputException>().With.Message.Contains("room"));

    [Test]
    public void ConfigurationBesideTheFileIsRead()
    {
        Copy("bert-cased", "tokenizer.json");
        File.WriteAllText(Path.Combine(_folder, "special_tokens_map.json"), """{"pad_token":{"content":"[MASK]"}}""");
        File.WriteAllText(
            Path.Combine(_folder, "tokenizer_config.json"),
            """{"padding_side":"left","truncation_side":"left","model_max_length":77,"added_tokens_decoder":{"9000":{"content":"<new>","special":true}}}""");
        TextTokenizer tokenizer = TextTokenizer.Read(_folder);
        Assert.Multiple(() =>
        {
            Assert.That(tokenizer.PadId, Is.EqualTo(tokenizer.TokenId("[MASK]")));
            Assert.That(tokenizer.Options.PaddingSide, Is.EqualTo(TextSide.Left));
            Assert.That(tokenizer.Options.TruncationSide, Is.EqualTo(TextSide.Left));
            Assert.That(tokenizer.ModelMaxLength, Is.EqualTo(77));
            Assert.That(tokenizer.Encode("<new>").Ids[1], Is.EqualTo(tokenizer.VocabularySize - 1));
            Assert.That(tokenizer.Description, Does.Contain("WordPiece"));
        });
    }

    [Test]
    public void AVocabularyWithCapitalLettersIsTakenForCased()
    {
        Assert.That(Fixture("bert-cased", "vocab.txt").Description, Does.Contain("keep their capital letters"));
        Assert.That(Fixture("bert-uncased", "vocab.txt").Description, Does.Contain("lower-cased"));
    }

    [TestCase("no_such.json", "there is no such file")]
    [TestCase("no_such.model", "there is no such file")]
    [TestCase("other.bin", "none of the files")]
    [TestCase("", "holds no tokenizer")]
    public void WhatIsNotThereIsNamed(string name, string sentence) => Assert.That(
        () => TextTokenizer.Read(Path.Combine(_folder, name)),
        Throws.InstanceOf<TrakException>().With.Message.Contains(sentence).And.Message.Contains(_folder));

    [TestCase("""{"model":{"type":"Neural","vocab":{}}}""", "'Neural'")]
    [TestCase("""{"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"},"normalizer":{"type":"Upper"}}""", "'Upper'")]
    [TestCase("""{"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"},"pre_tokenizer":{"type":"Jieba"}}""", "'Jieba'")]
    [TestCase("""{"model":{"type":"WordLevel","vocab":{"a":-1},"unk_token":"a"}}""", "model.vocab is the number -1")]
    [TestCase("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}""", "'b'")]
    [TestCase("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b c"]}}""", "'a b c'")]
    [TestCase("""{"model":{"type":"Unigram","vocab":[["a",0]],"unk_id":1}}""", "unk_id is 1")]
    [TestCase("""{"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"\ud800"}}""", "no Unicode text")]
    [TestCase("""{"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"},"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a)\\1"},"behavior":"Isolated"}}""", "refers back")]
    [TestCase("""{"model":{""", "no JSON")]
    public void WhatIsWrongOrNotSupportedIsNamed(string json, string sentence)
    {
        string path = Path.Combine(_folder, "tokenizer.json");
        File.WriteAllText(path, json);
        Assert.That(
            () => TextTokenizer.Read(path), Throws.TypeOf<InputException>().With.Message.Contains(sentence).And.Message.StartsWith(path));
    }

    [Test]
    public void AnExpressionThatTakesForeverIsRefused()
    {
        string path = Path.Combine(_folder, "tokenizer.json");
        File.WriteAllText(path, """{"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"},"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a|aa)+$"},"behavior":"Isolated"}}""");
        TextTokenizer tokenizer = TextTokenizer.Read(path);
        Assert.That(() => tokenizer.Encode(new string('a', 60) + "b"), Throws.TypeOf<InputException>().With.Message.Contains("steps"));
    }

    [TestCase("gpt2", "tokenizer.json")]
    [TestCase("llama2", "tokenizer.json")]
    [TestCase("bert-uncased", "tokenizer.json")]
    [TestCase("sentencepiece-bpe", "tokenizer.model")]
    public void AVeryLongWordTakesTimeInProportion(string name, string file)
    {
        TextTokenizer tokenizer = Fixture(name, file);
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        TokenSequence tokens = tokenizer.Encode(string.Concat(Enumerable.Repeat("abcdefghij", 20_000)));
        Assert.That(tokens.Length, Is.GreaterThan(0));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public void TokensCanBeReadOneByOne()
    {
        TextTokenizer bytes = Fixture("gpt2", "tokenizer.json"), pieces = Fixture("bert-uncased", "tokenizer.json");
        Assert.Multiple(() =>
        {
            Assert.That(bytes.TokenText(bytes.Encode(" the").Ids[0]), Is.EqualTo(" the"));
            Assert.That(bytes.TokenText(bytes.Encode("é").Ids[^1]), Has.Length.GreaterThan(0).And.Not.Contains('\uFFFD'));
            Assert.That(pieces.TokenText(pieces.TokenId("##s")!.Value), Is.EqualTo("##s"));
            Assert.That(pieces.TokenText(123456), Is.EqualTo("#123456"));
        });
    }

    [Test]
    public void ThreadsShareATokenizer()
    {
        TextTokenizer tokenizer = Fixture("roberta", "tokenizer.json"), other = Fixture("roberta", "tokenizer.json");
        int[][] alone = [.. TokenizerFixtures.Texts.Select(t => tokenizer.Encode(t).Ids.ToArray())];
        ParallelQuery<string> texts = TokenizerFixtures.Texts.AsParallel().AsOrdered().WithDegreeOfParallelism(4);
        int[][] together = [.. texts.Select(t => other.Encode(t).Ids.ToArray())];
        Assert.That(together, Is.EqualTo(alone));
    }

    [Test]
    public void TokenizersOfMicrosoftsLibraryAreTaken()
    {
        using FileStream vocabulary = File.OpenRead(Path.Combine(TokenizerFixtures.Folder, "bert-uncased", "vocab.txt"));
        Tokenizer theirs = WordPieceTokenizer.Create(vocabulary, new WordPieceOptions
        {
            PreTokenizer = Microsoft.ML.Tokenizers.PreTokenizer.CreateWordOrNonWord(),
            Normalizer = new LowerCaseNormalizer(),
        });
        TextTokenizer own = Fixture("bert-uncased", "vocab.txt");
        TextTokenizer taken = TextTokenizer.From(
            theirs, new AroundTexts { Before = [2], Between = [3], After = [3], PadId = 0, VocabularySize = own.VocabularySize });
        Assert.Multiple(() =>
        {
            Assert.That(taken.Encode("the tokens, they say").Ids, Is.EqualTo(own.Encode("the tokens, they say").Ids));
            Assert.That(taken.Encode("the", "tokens").Ids, Is.EqualTo(own.Encode("the", "tokens").Ids));
            Assert.That(taken.Encode("the", "tokens").TypeIds, Is.EqualTo(own.Encode("the", "tokens").TypeIds));
            Assert.That(taken.EncodeBatch(["the", "the tokens"]).InputIds.ToLongs(), Is.EqualTo(own.EncodeBatch(["the", "the tokens"]).InputIds.ToLongs()));
        });
    }

    private static TextTokenizer Fixture(string name, string file) =>
        TextTokenizer.Read(Path.Combine(TokenizerFixtures.Folder, name, file));

    private void Copy(string name, string file) =>
        File.Copy(Path.Combine(TokenizerFixtures.Folder, name, file), Path.Combine(_folder, file));
}
