namespace TrakFast.Cli.Tests.Browser;

/// <summary>Stands in for the browser tests where no browser was found when the tests were built.</summary>
public sealed class ReportBrowserTests
{
    [Test]
    public void NoBrowserWasFound() =>
        Assert.Ignore(
            "No Chromium was found at TRAKFAST_CHROMIUM, on the PATH or in its usual place; the report is not opened in a browser.");
}
