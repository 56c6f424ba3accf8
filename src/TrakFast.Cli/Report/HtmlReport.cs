using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Html;
using TrakFast.Cli.Report.Sections;

namespace TrakFast.Cli.Report;

/// <summary>
/// Turns a <see cref="ReportModel"/> into one HTML file that needs nothing else: styles, charts and pictures are inside,
/// there is no script, and a content security policy forbids any request. Equal models give equal bytes.
/// </summary>
internal static class HtmlReport
{
    private const string Policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
    /// <summary>What tells a report of TrakFast's from other files.</summary>
    public const string Generator = "<meta name=\"generator\" content=\"TrakFast\">";
    private static readonly Markup GeneratorTag = Markup.Trusted(Generator);
    private static readonly Markup Styles = StyleSheet.Read();

    /// <summary>The whole file.</summary>
    /// <exception cref="TrakException">A number in the model is not finite.</exception>
    public static string Render(ReportModel model)
    {
        ReportCheck.Check(model);
        return Markup.Of($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            {GeneratorTag}
            <meta http-equiv="Content-Security-Policy" content="{Policy}">
            <title>{model.Title} · TrakFast</title>
            <link rel="icon" href="data:,">
            <style>
            {Styles}
            </style>
            </head>
            <body>
            <a class="skip" href="#content">Skip to the results</a>
            {HeaderSection.Write(model)}
            <main id="content">
            {TargetsSection.Write(model)}
            {DistributionSection.Write(model)}
            {LdsSection.Write(model)}
            {MislabelSection.Write(model)}
            {RunSection.Write(model)}
            </main>
            <footer><p>Written by TrakFast. This page needs no network: pictures, charts and styles are all inside it.</p></footer>
            </body>
            </html>

            """).ToString();
    }
}
