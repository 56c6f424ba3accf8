using System.Globalization;
using System.Text;

namespace TrakFast.Datasets;

/// <summary>
/// Writes a chat as text, message by message. <c>{role}</c> and <c>{content}</c> stand for a message's own, and <c>\n</c> for the end of a
/// line. ChatML is the default.
/// </summary>
public sealed class ChatTemplate
{
    // How others call a message's parts and who speaks: OpenAI's and Hugging Face's form, and ShareGPT's.
    private static readonly (string Role, string Content)[] Forms = [("role", "content"), ("from", "value")];
    private readonly string _message;

    /// <summary>Creates a template.</summary>
    /// <param name="message">The text of a message.</param>
    /// <exception cref="InputException">The template does not have <c>{content}</c> in it.</exception>
    public ChatTemplate(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!message.Contains("{content}", StringComparison.Ordinal))
            throw new InputException($"The template '{message}' has no {{content}}, so every chat would read alike.");
        _message = message.Replace("\\n", "\n", StringComparison.Ordinal);
    }

    /// <summary>ChatML: <c>&lt;|im_start|&gt;role\ncontent&lt;|im_end|&gt;\n</c>.</summary>
    public static ChatTemplate Default { get; } = new("<|im_start|>{role}\n{content}<|im_end|>\n");

    /// <summary>The template as it was written.</summary>
    public override string ToString() => _message.Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>Writes a chat.</summary>
    /// <param name="messages">Messages, each with a role and a content.</param>
    /// <param name="where">Where they stand, for sentences.</param>
    /// <exception cref="InputException">A message has no content, or there is none.</exception>
    internal string Write(IReadOnlyList<object?> messages, string where)
    {
        if (messages.Count == 0) throw new InputException($"{where} has no messages.");
        StringBuilder text = new();
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i] is not IReadOnlyDictionary<string, object?> message
                || Array.FindIndex(Forms, f => message.ContainsKey(f.Content)) is not (>= 0 and int form))
                throw new InputException($"{where}: message {i} has no 'content'; a chat is a list of {{\"role\": …, \"content\": …}}.");
            string role = Text(message.GetValueOrDefault(Forms[form].Role)), content = Text(message[Forms[form].Content]);

            // The content may itself hold the word {role}.
            foreach (string part in _message.Split("{content}").SelectMany(static (p, at) => at == 0 ? [p] : new[] { "\0", p }))
                text.Append(part == "\0" ? content : part.Replace("{role}", role, StringComparison.Ordinal));
        }

        return text.ToString();
    }

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;
}
