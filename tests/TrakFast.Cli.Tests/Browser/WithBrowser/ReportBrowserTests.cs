using Microsoft.Playwright;
using TrakFast.Cli.Report;
using TrakFast.Cli.Report.Content;

namespace TrakFast.Cli.Tests.Browser;

/// <summary>The report as a browser shows it, on a phone and on a desk, by day and by night.</summary>
[NonParallelizable]
public sealed class ReportBrowserTests
{
    // The lowest contrast ratio of visible text against the nearest opaque background behind it, per WCAG 2.
    private const string LowestContrast = """
        () => {
            const parse = c => { const v = c.match(/[\d.]+/g).map(Number); return v.length > 3 ? v : [...v, 1]; };
            const light = ([r, g, b]) => { const f = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
                return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
            let worst = { ratio: 99, text: '' };
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                const element = node.parentElement;
                if (!node.data.trim() || element.closest('.hidden, .skip, title') || !element.checkVisibility()) continue;
                const style = getComputedStyle(element);
                const ink = parse(element instanceof SVGElement ? style.fill : style.color);
                let back = element, paper = [0, 0, 0, 0];
                while (back && paper[3] < 1) { paper = parse(getComputedStyle(back).backgroundColor); back = back.parentElement; }
                const a = light(ink), b = light(paper);
                const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                if (ratio < worst.ratio) worst = { ratio, text: `${node.data.trim().slice(0, 40)} (${style.color} on ${paper})` };
            }
            return worst;
        }
        """;

    private string _directory = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    [OneTimeSetUp]
    public async Task OpenBrowser()
    {
        _directory = Directory.CreateTempSubdirectory("trakfast-report-").FullName;
        _playwright = await Chromium.StartDriverAsync();
        _browser = await Chromium.LaunchAsync(_playwright);
    }

    [OneTimeTearDown]
    public async Task CloseBrowser()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public async Task ItFitsItsWindowAndReadsWell(
        [Values("digits", "text", "tokens", "pairs", "smallest")] string sample,
        [Values(375, 1280)] int width,
        [Values(ColorScheme.Light, ColorScheme.Dark)] ColorScheme scheme)
    {
        await using Opened report = await OpenAsync(sample, width, scheme);

        int overflow = await report.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Contrast worst = await report.Page.EvaluateAsync<Contrast>(LowestContrast);
        Assert.Multiple(() =>
        {
            Assert.That(report.Complaints, Is.Empty);
            Assert.That(overflow, Is.LessThanOrEqualTo(0));
            Assert.That(worst.Ratio, Is.GreaterThanOrEqualTo(4.5), worst.Text);
        });
        await KeepScreenshot(report.Page, $"{sample}-{width}-{scheme}".ToLowerInvariant());
    }

    [Test]
    public async Task LightAndDarkDiffer()
    {
        await using Opened light = await OpenAsync("digits", 1280, ColorScheme.Light);
        await using Opened dark = await OpenAsync("digits", 1280, ColorScheme.Dark);
        const string Background = "getComputedStyle(document.body).backgroundColor";
        Assert.That(await light.Page.EvaluateAsync<string>(Background), Is.Not.EqualTo(await dark.Page.EvaluateAsync<string>(Background)));
    }

    [Test]
    public async Task EveryPictureIsDecoded()
    {
        await using Opened report = await OpenAsync("digits", 1280, ColorScheme.Light);
        int[] widths = await report.Page.EvaluateAsync<int[]>("[...document.images].map(i => i.naturalWidth)");
        Assert.That(widths, Has.Length.GreaterThan(100).And.All.EqualTo(8));
    }

    [Test]
    public async Task NoTextOfAChartLeavesItsCard([Values(360, 1280)] int width)
    {
        await using Opened report = await OpenAsync("digits", width, ColorScheme.Light);
        string[] outside = await report.Page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll('.plot text')].filter(t => t.checkVisibility()).filter(t => {
                const box = t.getBoundingClientRect(), card = t.closest('.card').getBoundingClientRect();
                return box.left < card.left || box.right > card.right || box.bottom > card.bottom || box.top < card.top;
            }).map(t => t.textContent)
            """);
        Assert.That(outside, Is.Empty);
    }

    [Test]
    public async Task NoScoreLeavesItsTile([Values(360, 1280)] int width)
    {
        await using Opened report = await OpenAsync("digits", width, ColorScheme.Light);
        string[] outside = await report.Page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('.score')].filter(s => s.scrollWidth > s.clientWidth).map(s => s.textContent)");
        Assert.That(outside, Is.Empty);
    }

    [Test]
    public async Task CardsOpenAndCloseFromTheKeyboard()
    {
        await using Opened report = await OpenAsync("digits", 1280, ColorScheme.Light);
        const string FocusedCard = "document.activeElement.closest('summary')?.parentElement.querySelector('.target-body')?.id ?? ''";
        for (int presses = 0; presses < 60 && await report.Page.EvaluateAsync<string>(FocusedCard) != "target-0"; presses++)
            await report.Page.Keyboard.PressAsync("Tab");
        Assert.That(await report.Page.EvaluateAsync<string>(FocusedCard), Is.EqualTo("target-0"));

        const string IsOpen = "document.getElementById('target-0').parentElement.open";
        Assert.That(await report.Page.EvaluateAsync<bool>(IsOpen), Is.True);
        await report.Page.Keyboard.PressAsync("Enter");
        Assert.That(await report.Page.EvaluateAsync<bool>(IsOpen), Is.False);
    }

    [Test]
    public async Task PickingAClosedTargetOpensItsCard()
    {
        await using Opened report = await OpenAsync("digits", 1280, ColorScheme.Light);
        ILocator body = report.Page.Locator("#target-15");
        Assert.That(await body.IsVisibleAsync(), Is.False);
        await report.Page.Locator("a[href='#target-15']").ClickAsync();
        await Assertions.Expect(body).ToBeVisibleAsync();
    }

    [Test]
    public async Task TheFilterLeavesTheTargetsTheModelGetsWrong()
    {
        await using Opened report = await OpenAsync("digits", 1280, ColorScheme.Light);
        await report.Page.Locator("#only-wrong").CheckAsync();
        Assert.That(await report.Page.Locator(".target:visible .verdict").AllTextContentsAsync(), Is.Not.Empty.And.All.EqualTo("✗ wrong"));
    }

    [Test]
    public async Task AFoldedTextOpensFromTheKeyboardAndShowsItselfOnce()
    {
        await using Opened report = await OpenAsync("tokens", 375, ColorScheme.Light);
        ILocator text = report.Page.Locator("#target-42 details.text").First;
        string folded = await text.InnerTextAsync();
        await text.Locator("summary").FocusAsync();
        await report.Page.Keyboard.PressAsync("Enter");
        string open = await text.InnerTextAsync();
        Assert.That(folded, Does.EndWith("Show all"));
        Assert.That(open, Does.Contain("Show less").And.Not.Contain("Show all"));
        Assert.That(open.Split("The film takes its time"), Has.Length.EqualTo(9));
    }

    [Test]
    public async Task ATextRunsInTheDirectionOfItsLanguage()
    {
        await using Opened report = await OpenAsync("tokens", 1280, ColorScheme.Light);
        string[] directions = await report.Page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('#target-41 .rows p.text')].map(p => getComputedStyle(p).direction)");
        Assert.That(directions.Take(3), Is.EqualTo(new[] { "ltr", "rtl", "ltr" }));
    }

    private async Task<Opened> OpenAsync(string sample, int width, ColorScheme scheme)
    {
        string path = Path.Combine(_directory, sample + ".html");
        ReportModel model = sample switch
        {
            "digits" => SampleReport.Create(),
            "text" => SampleReport.CreateText(),
            "tokens" => SampleTexts.CreateTokens(),
            "pairs" => SampleTexts.CreatePairs(),
            _ => SampleReport.CreateSmallest(),
        };
        await ReportFile.SaveAsync(model, path);

        IBrowserContext context = await _browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = width < 800 ? 780 : 900 },
            DeviceScaleFactor = width < 800 ? 2 : 1,
            ColorScheme = scheme,
        });
        IPage page = await context.NewPageAsync();
        List<string> complaints = [];
        page.Console += (_, message) => complaints.Add($"console: {message.Text}");
        page.PageError += (_, error) => complaints.Add($"error: {error}");
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("file:", StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                complaints.Add($"request: {request.Url}");
        };
        await page.GotoAsync(new Uri(path).AbsoluteUri);
        return new Opened(context, page, complaints);
    }

    // A developer who wants to look sets TRAKFAST_SCREENSHOTS to a directory.
    private static async Task KeepScreenshot(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("TRAKFAST_SCREENSHOTS") is not { Length: > 0 } directory) return;
        await page.ScreenshotAsync(new() { Path = Path.Combine(directory, name + ".png"), FullPage = true });
    }

    private sealed record Opened(IBrowserContext Context, IPage Page, List<string> Complaints) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Context.DisposeAsync();
    }

    private sealed class Contrast
    {
        public double Ratio { get; set; }

        public string Text { get; set; } = string.Empty;
    }
}
