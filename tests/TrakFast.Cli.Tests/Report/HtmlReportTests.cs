using System.Globalization;
using System.Text.RegularExpressions;
using TrakFast.Cli.Report;
using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Html;

namespace TrakFast.Cli.Tests.Report;

public sealed partial class HtmlReportTests
{
    private const string Hostile = "<script>alert('x')</script>\"><img src=//evil.example/a.png onerror=alert(1)> & \0 \u0085";

    [Test]
    public void EqualModelsGiveEqualBytes() =>
        Assert.That(HtmlReport.Render(SampleReport.Create()), Is.EqualTo(HtmlReport.Render(SampleReport.Create())));

    [Test]
    public void TheCultureOfTheMachineDoesNotMatter()
    {
        string invariant = HtmlReport.Render(SampleReport.Create());
        CultureInfo before = CultureInfo.CurrentCulture, commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        commas.NumberFormat = new NumberFormatInfo { NumberDecimalSeparator = ",", NumberGroupSeparator = ".", NegativeSign = "~" };
        CultureInfo.CurrentCulture = commas;
        try
        {
            Assert.That(HtmlReport.Render(SampleReport.Create()), Is.EqualTo(invariant));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Test]
    public void NothingOutsideTheFileIsReferredTo()
    {
        string html = WithoutPictures(HtmlReport.Render(SampleReport.Create()));
        Assert.Multiple(() =>
        {
            Assert.That(html, Does.Not.Contain("//"));
            Assert.That(html, Does.Not.Match("https?:"));
            Assert.That(html, Does.Not.Contain("<script").And.Not.Contain("<iframe").And.Not.Contain("<object"));
            Assert.That(html, Does.Not.Match(@"url\s*\(").And.Not.Contain("@import"));
            Assert.That(Sources().Matches(html).Select(static m => m.Groups[1].Value), Is.All.EqualTo("data:"));
            Assert.That(Links().Matches(html).Select(static m => m.Groups[1].Value), Is.All.Match("^(#|data:,)"));
        });
    }

    [Test]
    public void EveryLinkHasItsPlace()
    {
        string html = HtmlReport.Render(SampleReport.Create());
        string[] ids = [.. Ids().Matches(html).Select(static m => m.Groups[1].Value)];
        Assert.That(ids, Is.Unique);
        Assert.That(
            Links().Matches(html).Select(static m => m.Groups[1].Value).Where(static h => h.StartsWith('#')).Select(static h => h[1..]),
            Is.SubsetOf(ids));
    }

    [Test]
    public void NamesAreTextAndNeverMarkup()
    {
        ScoredExample example = new(1, 0.5, new TextContent(Hostile), Hostile) { Flip = new LabelFlip(Hostile, Hostile) };
        ReportModel sample = SampleReport.Create();
        ReportModel model = sample with
        {
            Title = Hostile,
            Subtitle = Hostile,
            Run = sample.Run with { Model = Hostile, Checkpoints = [Hostile], Task = Hostile, More = [new(Hostile, Hostile)] },
            Targets = [sample.Targets[0] with
            {
                Label = Hostile,
                Prediction = Hostile,
                Proponents = [example],
                Opponents = [example with { Score = -1 }]
            }],
            Lds = new LdsReport([new LdsMethod(Hostile, 0.5, 0.4, 0.6)]) { Protocol = Hostile },
            Mislabel = new MislabelReport([new DetectionCurve(Hostile, [new(0, 0), new(1, 1)], 0.5)]),
            Phases = [new PhaseTiming(Hostile, 1, 2)],
        };
        string html = HtmlReport.Render(model);
        Assert.Multiple(() =>
        {
            Assert.That(html, Does.Not.Contain("<script"));
            Assert.That(html, Does.Not.Contain("<img src=//"));
            Assert.That(html, Does.Contain("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"));
            Assert.That(html, Does.Not.Contain("\0").And.Not.Contain("\u0085"));
        });
    }

    [Test]
    public void WhatWasNotMeasuredIsLeftOut()
    {
        string html = HtmlReport.Render(SampleReport.CreateSmallest());
        Assert.That(
            html,
            Does.Contain("id=\"run\"").And.Not.Contain("id=\"targets\"").And.Not.Contain("id=\"lds\"").And.Not.Contain("id=\"mislabels\""));
    }

    [Test]
    public void PicturesAreDescribedInWords() =>
        Assert.That(
            HtmlReport.Render(SampleReport.Create()),
            Does.Match("alt=\"Training example [0-9]+, labeled [0-9]\"").And.Match("alt=\"Picture of target 0, labeled [0-9]\""));

    [Test]
    public void ScoresThatAreNotFiniteAreRefusedByName()
    {
        ReportModel model = SampleReport.CreateText();
        TargetReport target = model.Targets[0];
        ReportModel bad = model with { Targets = [target with { Proponents = [target.Proponents[0] with { Score = double.NaN }] }] };
        Assert.That(
            () => HtmlReport.Render(bad), Throws.InstanceOf<TrakException>().With.Message.Contains("training example 0 for target 41"));
    }

    [Test]
    public async Task AFileIsReplacedWholeAndLeavesNothingBeside()
    {
        string directory = Directory.CreateTempSubdirectory("trakfast-report-").FullName;
        try
        {
            string path = Path.Combine(directory, "new", "report.html");
            await ReportFile.SaveAsync(SampleReport.CreateSmallest(), path);
            await ReportFile.SaveAsync(SampleReport.CreateText(), path);
            Assert.That(await File.ReadAllTextAsync(path), Is.EqualTo(HtmlReport.Render(SampleReport.CreateText())));

            using CancellationTokenSource stopped = new();
            await stopped.CancelAsync();
            Assert.That(
                async () => await ReportFile.SaveAsync(SampleReport.CreateSmallest(), path, stopped.Token),
                Throws.InstanceOf<OperationCanceledException>());
            Assert.That(await File.ReadAllTextAsync(path), Does.Contain("Film reviews"));
            Assert.That(Directory.GetFiles(Path.GetDirectoryName(path)!), Is.EqualTo(new[] { path }));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Test]
    public void HolesAreEscapedAndMarkupIsNot()
    {
        Markup inner = Markup.Of($"<b>{"a<b"}</b>");
        Assert.That(Markup.Of($"<p title=\"{"\""}\">{inner}{1.5}</p>").ToString(), Is.EqualTo("<p title=\"&quot;\"><b>a&lt;b</b>1.5</p>"));
    }

    private static string WithoutPictures(string html) => Base64().Replace(html, "data:");

    [GeneratedRegex("data:image/png;base64,[A-Za-z0-9+/=]+")]
    private static partial Regex Base64();

    [GeneratedRegex("src=\"?([^\" >]*)")]
    private static partial Regex Sources();

    [GeneratedRegex("href=\"([^\"]*)\"")]
    private static partial Regex Links();

    [GeneratedRegex(" id=\"([^\"]*)\"")]
    private static partial Regex Ids();
}
