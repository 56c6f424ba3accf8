using System.Text.RegularExpressions;

namespace TrakFast.Docs.Tests;

/// <summary>What the page of error messages quotes is what the code says: each part between the gaps stands in a source.</summary>
public sealed partial class ErrorsPageTests
{
    // A sentence that is cut over lines is one sentence.
    private static readonly Lazy<string> Code = new(static () =>
        Cut().Replace(string.Concat(new[] { "src", "kernels" }.SelectMany(Repository.Sources).Select(Repository.Read)), string.Empty));

    private static IEnumerable<TestCaseData> Messages =>
        from line in File.ReadLines(Repository.Full("docs/errors.md"))
        let message = QuotedMessage().Match(line)
        where message.Success
        select new TestCaseData(message.Groups[1].Value).SetArgDisplayNames(message.Groups[1].Value);

    [TestCaseSource(nameof(Messages))]
    public void TheCodeSaysSo(string message)
    {
        string[] parts = [.. message.Split('…').Select(static part => part.Trim()).Where(static part => part.Length > 3)];
        Assert.Multiple(() =>
        {
            Assert.That(parts, Is.Not.Empty);
            foreach (string part in parts)
                Assert.That(Code.Value.Contains(part, StringComparison.Ordinal), Is.True, $"no source has «{part}»");
        });
    }

    [GeneratedRegex("\"\\s*\\+\\s*\\$?\"")]
    private static partial Regex Cut();

    [GeneratedRegex(@"^\| `([^`]+)` \|")]
    private static partial Regex QuotedMessage();
}
