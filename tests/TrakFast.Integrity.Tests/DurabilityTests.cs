using Microsoft.Win32.SafeHandles;
using TrakFast.Cli.Tests.Support;

namespace TrakFast.Integrity.Tests;

/// <summary>Point 2: a disk that refuses ends the run with a sentence, and what was marked before stays valid.</summary>
public sealed class DurabilityTests
{
    [Test]
    public void AFlushThatFailsIsAnError()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("A file that cannot be flushed is at hand on Linux alone.");
        using SafeFileHandle pipe = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);
        Assert.That(() => RandomAccess.FlushToDisk(pipe), Throws.Nothing, "what .NET makes of it");
        Assert.That(() => DiskFlush.File(pipe), Throws.InstanceOf<IOException>());
    }

    [Test]
    public void AFolderIsFlushedAndAMissingOneIsNot()
    {
        string folder = Directory.CreateTempSubdirectory("trakfast-flush-").FullName;
        Assert.That(() => DiskFlush.FolderOf(Path.Combine(folder, "a")), Throws.Nothing);
        Directory.Delete(folder);
        if (OperatingSystem.IsWindows()) Assert.Ignore("Windows keeps a volume's entries in its own journal.");
        Assert.That(() => DiskFlush.FolderOf(Path.Combine(folder, "a")), Throws.InstanceOf<IOException>());
    }

    [Test]
    public void ADiskThatFillsUpEndsTheRunAndTheRestIsDoneLater()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root") Assert.Ignore("A small file system is mounted by root on Linux.");
        using Workspace whole = new(), work = new();
        whole.Run().AssertDone();
        Directory.CreateDirectory(work.Save);
        if (Mount($"-t tmpfs -o size=8k trakfast {work.Save}") != 0) Assert.Ignore("This machine does not let tests mount a file system.");
        try
        {
            foreach (int size in new[] { 24, 44, 68, 92, 116, 140, 152, 160, 168, 176 })
            {
                Assert.That(Mount($"-o remount,size={size}k {work.Save}"), Is.Zero);
                ToolResult stopped = work.Run(File.Exists(work["save", "trakfast.json"]) ? "--resume" : string.Empty);
                if (stopped.ExitCode != 0) stopped.AssertFailed("cannot be written", "No space left");
            }

            Assert.That(Mount($"-o remount,size=8m {work.Save}"), Is.Zero);
            work.Run("--resume").AssertDone();
            AssertSame(whole.Save, work.Save);
        }
        finally
        {
            Unmount(work.Save);
        }
    }

    private static void AssertSame(string expected, string actual)
    {
        string[] names = Names(expected);
        Assert.That(Names(actual), Is.EqualTo(names));

        // Where the examples are differs between the runs.
        foreach (string name in names.Where(static name => name != "examples.json"))
            Assert.That(File.ReadAllBytes(Path.Combine(actual, name)), Is.EqualTo(File.ReadAllBytes(Path.Combine(expected, name))), name);
    }

    private static string[] Names(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).Order()];

    private static int Mount(string arguments) => Start("mount", arguments);

    private static void Unmount(string path) => Start("umount", path);

    private static int Start(string program, string arguments)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
