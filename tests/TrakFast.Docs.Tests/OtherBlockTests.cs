using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;

namespace TrakFast.Docs.Tests;

/// <summary>Blocks that are neither C# nor commands are at least well formed.</summary>
public sealed class OtherBlockTests
{
    private static IEnumerable<TestCaseData> Blocks(string language) =>
        Page.All.SelectMany(static page => page.Blocks).Where(block => block.Language == language)
            .Select(static block => new TestCaseData(block).SetArgDisplayNames($"{block}"));

    [TestCaseSource(nameof(Blocks), ["python"])]
    public void ThePythonIsPython(object block)
    {
        ProcessStartInfo start = new("python3") { RedirectStandardInput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("import ast, sys; ast.parse(sys.stdin.buffer.read())");
        try
        {
            using Process python = Process.Start(start)!;
            python.StandardInput.Write(((PageBlock)block).Text);
            python.StandardInput.Close();
            string error = python.StandardError.ReadToEnd();
            python.WaitForExit();
            Assert.That(python.ExitCode, Is.Zero, error);
        }
        catch (Win32Exception)
        {
            Assert.Ignore("There is no python3 here, so the syntax of the pages' Python is not checked.");
        }
    }

    [TestCaseSource(nameof(Blocks), ["xml"])]
    public void TheXmlIsXml(object block) => XElement.Parse(((PageBlock)block).Text);

    [TestCaseSource(nameof(Blocks), ["json"])]
    public void TheJsonIsJson(object block) => JsonDocument.Parse(((PageBlock)block).Text).Dispose();
}
