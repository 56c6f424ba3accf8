using System.Text;
using TrakFast.Cli.Report.Content;

namespace TrakFast.Cli.Report;

/// <summary>Writes a report so that the file is either the old one or the whole new one, never half of it.</summary>
internal static class ReportFile
{
    /// <summary>Refuses to replace a file that is no report of TrakFast's.</summary>
    /// <exception cref="TrakException">There is such a file.</exception>
    public static void RequireOurs(string path)
    {
        if (!File.Exists(path)) return;
        using StreamReader reader = new(path);
        char[] head = new char[1024];
        int read = reader.ReadBlock(head);
        if (!head.AsSpan(0, read).Contains(HtmlReport.Generator, StringComparison.Ordinal))
            throw new TrakException($"{path} is there, and TrakFast did not write it; choose another --output, or remove it.");
    }

    /// <summary>Renders the report, writes it beside <paramref name="path"/> under a temporary name, and renames it.</summary>
    /// <exception cref="TrakException">A number in the model is not finite, or the file cannot be written.</exception>
    public static async Task SaveAsync(ReportModel model, string path, CancellationToken cancellationToken = default)
    {
        byte[] html = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetBytes(HtmlReport.Render(model));
        string full = Path.GetFullPath(path);
        string directory = Path.GetDirectoryName(full) ?? throw new TrakException($"'{path}' is not a file a report can be written to.");
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (IOException exception)
        {
            throw new TrakException(
                $"{path} cannot be written: {directory} cannot be made, because a file is in its way; choose another place.", exception);
        }

        string temporary = $"{full}.{Guid.NewGuid():N}.part";
        try
        {
            await File.WriteAllBytesAsync(temporary, html, cancellationToken).ConfigureAwait(false);
            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TrakException($"{path} cannot be written: {exception.Message.TrimEnd('.')}.", exception);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
