using System.Diagnostics;
using TrakFast.Cli.Tests.Support;

namespace TrakFast.Cli.TorchSharp.Tests;

/// <summary>Which libtorch the tool loads, seen from outside: each case is a process of its own.</summary>
public sealed class LibtorchTests
{
    [Test]
    public void ABuildBringsItsOwn()
    {
        (int code, string output, string error) = Run(["doctor"], "");
        Assert.That(code, Is.Zero, error);
        Assert.That(output, Does.Match(@"torch +yes +libtorch 2\.10").And.Contain(ToolFile("libtorch")));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void AFolderThatHoldsItIsTaken(bool byVariable)
    {
        string folder = AddedFolder();
        try
        {
            string[] doctor = byVariable ? ["doctor"] : ["doctor", "--libtorch", folder];
            (int code, string output, string error) = Run(doctor, byVariable ? folder : "/nowhere");
            Assert.That(code, Is.Zero, error);
            Assert.That(output, Does.Match(@"torch +yes +libtorch 2\.10").And.Contain(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public void AFolderWithoutItIsRefused(bool byVariable)
    {
        using Workspace work = new();
        string[] run = work.RunArguments("--engine torch --device cpu");
        (int code, _, string error) = Run(byVariable ? run : [.. run, "--libtorch", work.Root], byVariable ? work.Root : "");
        Assert.That(code, Is.EqualTo(1), error);
        Assert.That(error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(1), error);
        Assert.That(error.TrimEnd(), Does.Contain(work.Root).And.Match("libc10|c10.dll").And.EndWith("."));
        Assert.That(error, Does.Not.Contain("internal error"));
        Assert.That(Directory.Exists(work.Save), Is.False);
    }

    // Links to the files that the build has, in a folder of another name.
    private static string AddedFolder()
    {
        string folder = Directory.CreateTempSubdirectory("trakfast-libtorch-").FullName;
        foreach (string file in Directory.GetFiles(ToolFile("libtorch")))
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), file);
        return folder;
    }

    private static (int Code, string Output, string Error) Run(string[] arguments, string variable)
    {
        ProcessStartInfo start = new("dotnet", [ToolFile("TrakFast.Cli.TorchSharp.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TRAKFAST_LIBTORCH"] = variable;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    // The tool lies in the same configuration's folder of its own project; what is copied beside the tests is not the whole of it.
    private static string ToolFile(string name)
    {
        string tests = Path.Combine("tests", "TrakFast.Cli.TorchSharp.Tests"), tool = Path.Combine("src", "TrakFast.Cli.TorchSharp");
        return Path.Combine(AppContext.BaseDirectory.Replace(tests, tool, StringComparison.Ordinal), name);
    }
}
