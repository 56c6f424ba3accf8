using System.CommandLine;
using System.Text.RegularExpressions;

namespace TrakFast.Docs.Tests.Commands;

/// <summary>Every command line on every page is one that can be given; those of which the fixtures have the files are run.</summary>
[NonParallelizable]
public sealed class CommandTests
{
    private static IEnumerable<TestCaseData> Blocks =>
        Page.All.SelectMany(static page => page.Blocks).Where(static block => block.Language == "sh")
            .Select(static block => new TestCaseData(block).SetArgDisplayNames($"{block}"));

    private static IEnumerable<string> SamplePages =>
        Page.All.Select(static page => page.Path)
            .Where(static path => path == "README.md" || path.StartsWith("docs/data/", StringComparison.Ordinal));

    private static IEnumerable<TestCaseData> Spans =>
        from page in Page.All
        from span in page.Spans.Distinct()
        where ToolParser.Tools.Contains(span.Split(' ')[0]) && span.Contains(' ')
        select new TestCaseData(span).SetArgDisplayNames(page.Path, span);

    [TestCaseSource(nameof(Blocks))]
    public void EveryCommandIsOne(object block)
    {
        Assert.Multiple(() =>
        {
            foreach (string[] words in ShellLine.Commands(((PageBlock)block).Text))
                Assert.That(CommandLine.Trouble(words), Is.Null, string.Join(' ', words));
        });
    }

    [TestCaseSource(nameof(Spans))]
    public void WhatASentenceNamesIsACommandWithSuchOptions(string span)
    {
        string[] words = ShellLine.Words(span.Replace("…", string.Empty, StringComparison.Ordinal));
        Command? command = ToolParser.Root(words[0]).Subcommands.FirstOrDefault(c => c.Name == words[1]);
        Assert.That(command, Is.Not.Null, span);
        foreach (string option in words.Where(static w => w.StartsWith("--", StringComparison.Ordinal)))
            Assert.That(command!.Options.Select(static o => o.Name), Does.Contain(option), span);
    }

    [Test]
    public void TheToolsPageHasEveryCommandWithItsOptionsAndNoOthers()
    {
        Page page = Page.Of("docs/tool.md");
        string text = Repository.Read(page.Path);
        Assert.Multiple(() =>
        {
            foreach (Command command in ToolParser.Root("trakfast-torch").Subcommands)
            {
                Match section = Regex.Match(
                    text, $@"^## {command.Name}$(.*?)(?=^## |\z)", RegexOptions.Multiline | RegexOptions.Singleline);
                Assert.That(section.Success, Is.True, $"docs/tool.md has no section «{command.Name}»");
                string[] named = [.. Regex.Matches(section.Groups[1].Value, @"--[a-z][a-z-]*").Select(static m => m.Value).Distinct()];
                string[] known =
                    [.. command.Options.Select(static o => o.Name).Where(static name => name.StartsWith("--", StringComparison.Ordinal))];
                Assert.That(known.Except(named), Is.Empty, $"options of {command.Name} that docs/tool.md does not name");
                Assert.That(
                    named.Except(known)
                        .Except(ToolParser.Root("trakfast-torch").Subcommands.SelectMany(static c => c.Options).Select(static o => o.Name)),
                    Is.Empty, $"options that docs/tool.md gives {command.Name}");
            }
        });
    }

    [Test]
    public void TheToolsPageHasTheWordsOfEveryVocabulary()
    {
        (string Option, IReadOnlyList<string> Words)[] vocabularies =
        [
            ("--projection ", TrakWords.Projections.Words), ("--precision ", TrakWords.Precisions.Words),
            ("--weighting ", TrakWords.Weightings.Words), ("--scaling ", TrakWords.Scalings.Words),
        ];
        Assert.Multiple(() =>
        {
            foreach ((string option, IReadOnlyList<string> words) in vocabularies)
                Assert.That(
                    Page.Of("docs/tool.md")
                        .Spans.First(span => span.StartsWith(option, StringComparison.Ordinal))[option.Length..]
                        .Replace("\\", string.Empty, StringComparison.Ordinal)
                        .Split('|'),
                    Is.EquivalentTo(words));
        });
    }

    [TestCase("docs/checkpoints.md", "mlp")]
    [TestCase("docs/clip.md", "clip")]
    public void TheCommandsOfThePageRun(string page, string fixture)
    {
        using WorkingFolder folder = WorkingFolder.Of(fixture);
        foreach (int epoch in new[] { 3, 6, 9, 12 })
            File.Copy($"checkpoint_{epoch / 6 % 2}.safetensors", $"checkpoint_{epoch}.safetensors");
        Run(page);
    }

    [TestCaseSource(nameof(SamplePages))]
    public void TheCommandsOfThePageRunOnTheSamples(string page)
    {
        using WorkingFolder folder = WorkingFolder.OfSamples();
        Run(page);
    }

    [Test]
    public void TheComparisonWithTrakGivesItsScores()
    {
        using WorkingFolder folder = WorkingFolder.Of("mlp");
        Run("docs/compared-with-trak.md");
        using TrakStore store = TrakStore.Open("run");
        using Scores scores = store.ReadScores("default");
        float[] expected = NpyFile.Read("expected.trak_scores.npy").ToFloats();
        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            float score = scores[i / scores.TargetCount, i % scores.TargetCount];
            difference += Math.Pow(score - expected[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        Assert.That(Math.Sqrt(difference / norm), Is.LessThan(5e-6));
    }

    private static void Run(string page)
    {
        IEnumerable<string[]> commands = Page.Of(page)
            .Blocks.Where(static b => b.Language == "sh")
            .SelectMany(static b => ShellLine.Commands(b.Text))
            .Where(static w => w[0] == "trakfast");
        foreach (string[] words in commands)
        {
            (int code, string error) = ToolParser.Run(words[1..]);
            Assert.That(code, Is.Zero, $"{string.Join(' ', words)}\n{error}");
        }
    }
}
