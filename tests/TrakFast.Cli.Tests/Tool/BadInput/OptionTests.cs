using TrakFast.Cli.Tests.Support;

namespace TrakFast.Cli.Tests.Tool.BadInput;

/// <summary>Options that are out of range, unknown, or exclude each other.</summary>
public sealed class OptionTests
{
    [TestCase("--projection-dim 0", "--projection-dim", "1 or more")]
    [TestCase("--projection-dim -3", "--projection-dim", "-3")]
    [TestCase("--projection-dim many", "--projection-dim", "many")]
    [TestCase("--batch-size 0", "--batch-size", "1 or more")]
    [TestCase("--threads 0", "--threads", "1 or more")]
    [TestCase("--threads 99999999999", "--threads", "99999999999")]
    [TestCase("--seed -1", "--seed", "-1")]
    [TestCase("--seed 4294967296", "--seed", "4294967296")]
    [TestCase("--lambda -1", "--lambda", "at least 0", "-1")]
    [TestCase("--lambda NaN", "--lambda", "finite", "NaN")]
    [TestCase("--lambda-absolute Infinity", "--lambda-absolute", "finite")]
    [TestCase("--lambda-absolute x", "--lambda-absolute", "x")]
    [TestCase("--lambda 1 --lambda-absolute 1", "--lambda", "--lambda-absolute", "exclude")]
    [TestCase("--projection fourier", "--projection", "fourier", "sjlt")]
    [TestCase("--precision float64", "--precision", "float64", "bfloat16")]
    [TestCase("--scaling none", "none", "unit")]
    [TestCase("--weighting none", "none", "loss")]
    [TestCase("--engine jax", "jax", "managed")]
    [TestCase("--experiment ../x", "'../x'", "name for an experiment")]
    [TestCase("--experiment .hidden", "'.hidden'")]
    [TestCase("--checkpoint 3=a.safetensors 3=b.safetensors", "model id 3", "a.safetensors", "b.safetensors")]
    [TestCase("--train image.npy", "NAME=FILE")]
    [TestCase("--train image=a.npy image=b.npy", "'image'", "twice")]
    [TestCase("--temperature warm", "--temperature", "warm")]
    [TestCase("--temperature 0", "--temperature", "above 0")]
    [TestCase("--temperature NaN", "--temperature", "NaN")]
    [TestCase("--temperature -2", "--temperature", "-2")]
    [TestCase("--task regression --temperature 2", "--temperature", "regression")]
    [TestCase("--contrast 1,2", "--contrast", "clip", "image_classification")]
    [TestCase("--contrast-size 5", "--contrast-size", "clip", "image_classification")]
    [TestCase("--task language_modeling --clip-q batch", "--clip-q", "clip", "language_modeling")]
    [TestCase("--task clip --contrast 1,2 --contrast-size 2", "--contrast", "--contrast-size", "exclude")]
    [TestCase("--task clip --contrast", "--contrast")]
    [TestCase("--task clip --contrast ,", "--contrast", "''")]
    [TestCase("--task clip --contrast 1,two", "'two'")]
    [TestCase("--task clip --contrast 1,-3", "'-3'")]
    [TestCase("--task clip --contrast 9-4", "'9-4'")]
    [TestCase("--task clip --contrast 3 5,3", "index 3", "twice")]
    [TestCase("--task clip --contrast 0-99999999999", "1000000")]
    [TestCase("--task clip --contrast-size 1", "--contrast-size", "2 or more")]
    [TestCase("--task clip --contrast-size many", "--contrast-size", "many")]
    [TestCase("--task clip --clip-q all", "--clip-q", "all", "contrast")]
    [TestCase("--batch-size 2 3", "'3'")]
    [TestCase("--batch-size", "--batch-size")]
    public void WrongUsageSaysWhatIsWrong(string options, params string[] parts)
    {
        using Workspace work = new();
        work.Run(options).AssertWrongUsage(parts);
        Assert.That(Directory.Exists(work.Save), Is.False);
    }

    [TestCase("--task")]
    [TestCase("--model")]
    [TestCase("--train")]
    [TestCase("--target")]
    [TestCase("--save-dir")]
    public void ARequiredOptionIsNamed(string option)
    {
        using Workspace work = new();
        work.Run(without: option).AssertWrongUsage(option);
    }

    [TestCase("--task segmentation", "'segmentation'", "image_classification", "language_modeling", "clip")]
    [TestCase("--task binary_classification", "one logit", "[1, 10]", "image_classification")]
    [TestCase("--task language_modeling", "[B, T, V]", "[1, 10]")]
    [TestCase("--task clip", "image_embeddings", "the model has logits")]
    [TestCase("--task clip --contrast 1,2,96", "training example 96", "there are 96")]
    [TestCase("--task clip --contrast 7", "two examples or more")]
    [TestCase("--task clip --contrast-size 97", "between 2 and all 96", "97")]
    [TestCase("--gradient-of layer9.*", "'layer9.*'", "fc1.weight")]
    [TestCase("--scaling trak --weighting loss", "loss weighting")]
    [TestCase("--lambda 0 --projection-dim 128", "k = 128", "96")]
    [TestCase("--lambda-absolute 0 --projection none", "k = 2410", "96")]
    [TestCase("--projection-dim 2000000000", "k = 2000000000", "GiB")]
    public void WhatTheParserCannotKnowIsSaidBeforeAnythingIsWritten(string options, params string[] parts)
    {
        using Workspace work = new();
        work.AssertRefused(options, parts);
    }

    [Test]
    public void MoreThreadsThanProcessorsAreNoError()
    {
        using Workspace work = new();
        work.Run("--threads 500").AssertDone();
    }

    [Test]
    public void LambdaZeroOnASingularMatrixSaysWhichWouldDo()
    {
        using Workspace work = new();

        // Twenty times the same two examples: n = 96 ≥ k = 32, but the features span two directions.
        work.ChangeArray("train.image.npy", static a => a.Rows([.. Enumerable.Range(0, 96).Select(static i => (long)(i % 2))]));
        work.ChangeArray("train.label.npy", static a => a.Rows([.. Enumerable.Range(0, 96).Select(static i => (long)(i % 2))]));
        work.Run("--lambda 0").AssertFailed("not positive definite", "1e-6");
        work.Run("--lambda 1 --resume").AssertDone();
    }
}
