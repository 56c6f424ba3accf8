using TrakFast.Cli.Report.Html;

namespace TrakFast.Cli.Report;

/// <summary>The report's styles, embedded in the tool from <c>report.css</c>.</summary>
internal static class StyleSheet
{
    /// <summary>The styles as they stand in the file.</summary>
    public static Markup Read()
    {
        using Stream stream = typeof(StyleSheet).Assembly.GetManifestResourceStream("report.css")
            ?? throw new InvalidOperationException("report.css is not embedded in the tool.");
        using StreamReader reader = new(stream);
        return Markup.Trusted(reader.ReadToEnd().ReplaceLineEndings("\n"));
    }
}
