using System.Globalization;
using Spectre.Console.Rendering;

namespace TrakFast.Cli.Consoles;

/// <summary>Text measured in the cells of a terminal, of which an ideograph or an emoji takes two.</summary>
internal static class CellText
{
    /// <summary>Cells that a line takes.</summary>
    public static int Width(string text) => text.All(static c => c is >= ' ' and <= '~') ? text.Length : new Segment(text).CellCount();

    /// <summary>The line, or its beginning and "…" when it takes more cells than there are. Characters stay whole.</summary>
    public static string Cut(string text, int cells)
    {
        if (Width(text) <= cells) return text;
        int used = 1, length = 0;
        while (length < text.Length)
        {
            int next = StringInfo.GetNextTextElementLength(text, length);
            used += Width(text.Substring(length, next));
            if (used > cells) break;
            length += next;
        }

        return text[..length] + "…";
    }

    /// <summary>The line with blanks behind it up to a number of cells.</summary>
    public static string Pad(string text, int cells) => text + new string(' ', Math.Max(0, cells - Width(text)));
}
