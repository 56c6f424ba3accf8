using System.Reflection;
using Microsoft.Playwright;

namespace TrakFast.Cli.Tests.Browser;

/// <summary>The browser of this machine. None is ever downloaded.</summary>
internal static class Chromium
{
    private static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    /// <summary>Starts Playwright from the driver in its package.</summary>
    public static Task<IPlaywright> StartDriverAsync()
    {
        string driver = typeof(Chromium).Assembly
            .GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(static a => a.Key == "PlaywrightDriver").Value!;
        Environment.SetEnvironmentVariable("PLAYWRIGHT_DRIVER_SEARCH_PATH", driver);
        return Playwright.CreateAsync();
    }

    /// <summary>Launches the browser with a new user data directory, or skips the test where there is none.</summary>
    public static Task<IBrowser> LaunchAsync(IPlaywright playwright)
    {
        if (Find() is not { } executable)
        {
            Assert.Ignore(
                "No Chromium was found at TRAKFAST_CHROMIUM, on the PATH or in its usual place; the report is not opened in a browser.");
            return Task.FromResult<IBrowser>(null!);
        }

        return playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Args = Arguments, Timeout = 60_000 });
    }

    private static string? Find()
    {
        string[] directories =
            (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> onPath = new[] { "chromium", "chromium-browser", "google-chrome" }
            .SelectMany(name => directories.Select(directory => Path.Combine(directory, name)));
        return new[] { Environment.GetEnvironmentVariable("TRAKFAST_CHROMIUM") }
            .Concat(onPath)
            .Append("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
            .Append(Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "Google", "Chrome", "Application", "chrome.exe"))
            .FirstOrDefault(File.Exists);
    }
}
