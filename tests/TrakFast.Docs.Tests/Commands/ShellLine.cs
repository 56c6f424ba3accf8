using System.Text;

namespace TrakFast.Docs.Tests.Commands;

/// <summary>A command line as a shell would read it: continued by a backslash, split at blanks, quotes taken off.</summary>
internal static class ShellLine
{
    /// <summary>The commands of a block.</summary>
    public static IEnumerable<string[]> Commands(string block) =>
        block.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
            .SelectMany(static line => line.Split("&&"))
            .Select(Words)
            .Where(static words => words.Length > 0);

    /// <summary>The words of a command; settings of variables before it are left out.</summary>
    public static string[] Words(string line)
    {
        List<string> words = [];
        StringBuilder word = new();
        bool inWord = false;
        char quote = '\0';
        foreach (char c in line)
        {
            if (quote != '\0')
            {
                if (c == quote) quote = '\0';
                else word.Append(c);
            }
            else if (c is '\'' or '"')
            {
                (quote, inWord) = (c, true);
            }
            else if (char.IsWhiteSpace(c))
            {
                End();
            }
            else if (c == '#' && !inWord)
            {
                break;
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }

        End();
        return [.. words.SkipWhile(static w => !w.StartsWith('-') && w.Split('=', 2) is [{ Length: > 0 } name, _]
            && name.All(static c => char.IsAsciiLetterUpper(c) || c == '_'))];

        void End()
        {
            if (inWord) words.Add(word.ToString());
            word.Clear();
            inWord = false;
        }
    }
}
