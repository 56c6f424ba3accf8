using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace TrakFast.Cli.Report.Html;

/// <summary>
/// HTML that is safe to write. It is made by <see cref="Of"/>, whose interpolated string escapes whatever stands in
/// braces unless it is markup itself, so that text from data can never become an element.
/// </summary>
internal readonly struct Markup
{
    private readonly string? _html;

    private Markup(string html) => _html = html;

    /// <summary>No markup.</summary>
    public static Markup Empty => default;

    /// <summary>Markup from an interpolated string: literals as they are, holes escaped.</summary>
    public static Markup Of(Builder html) => new(html.Finish());

    /// <summary>Text that belongs to the tool itself and is markup already. Never for data.</summary>
    public static Markup Trusted(string html) => new(html);

    /// <summary>Pieces one after another.</summary>
    public static Markup Join(IEnumerable<Markup> pieces) => new(string.Concat(pieces.Select(static p => p._html)));

    /// <inheritdoc/>
    public override string ToString() => _html ?? string.Empty;

    private static void Escape(StringBuilder html, ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            _ = c switch
            {
                '&' => html.Append("&amp;"),
                '<' => html.Append("&lt;"),
                '>' => html.Append("&gt;"),
                '"' => html.Append("&quot;"),
                '\'' => html.Append("&#39;"),
                < ' ' and not ('\t' or '\n') or (>= '\x7f' and <= '\x9f') => html.Append('\ufffd'),
                _ => html.Append(c),
            };
        }
    }

    /// <summary>What the compiler calls for <c>Markup.Of($"…")</c>.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Builder
    {
        private readonly StringBuilder _html;

        /// <summary>Starts with room for the literals.</summary>
        public Builder(int literalLength, int formattedCount) => _html = new StringBuilder(literalLength + (formattedCount * 16));

        /// <summary>Adds markup written in the source.</summary>
        public void AppendLiteral(string markup) => _html.Append(markup);

        /// <summary>Adds markup as it is.</summary>
        public void AppendFormatted(Markup markup) => _html.Append(markup._html);

        /// <summary>Adds pieces of markup one after another.</summary>
        public void AppendFormatted(IEnumerable<Markup> pieces)
        {
            foreach (Markup piece in pieces) _html.Append(piece._html);
        }

        /// <summary>Adds text, escaped.</summary>
        public void AppendFormatted(string? text) => Escape(_html, text);

        /// <summary>Adds a number, in the invariant culture.</summary>
        public void AppendFormatted<T>(T value, string? format = null)
            where T : IFormattable => Escape(_html, value.ToString(format, CultureInfo.InvariantCulture));

        /// <summary>The finished text.</summary>
        public string Finish() => _html.ToString();
    }
}
