using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TrakFast;

/// <summary>
/// Has a file's bytes, or a folder's entries, written to the disk, and says when the disk refuses: .NET's own calls
/// (<see cref="RandomAccess.FlushToDisk"/>, <c>FileStream.Flush(true)</c>) return as if all were well after EIO or ENOSPC.
/// </summary>
internal static partial class DiskFlush
{
    private const int Interrupted = 4; // EINTR
    private const int Invalid = 22; // EINVAL
    private const int FullFlush = 51; // F_FULLFSYNC of macOS: fsync there leaves bytes in the drive's own memory.

    /// <summary>Flushes an open file.</summary>
    /// <exception cref="IOException">The disk refuses; the message is the system's.</exception>
    public static void File(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            if (!FlushFileBuffers(file)) throw Refused();
            return;
        }

        if (OperatingSystem.IsMacOS() && Fcntl(file, FullFlush) == 0) return;
        while (Fsync(file) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted) throw Refused();
        }
    }

    /// <summary>Flushes the entries of the folder that a path lies in, so that a file made or renamed there is found again.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void FolderOf(string path)
    {
        // Windows keeps a volume's entries in its own journal.
        if (OperatingSystem.IsWindows()) return;
        using SafeFileHandle folder = new(Open(Path.GetDirectoryName(Path.GetFullPath(path))!, 0), ownsHandle: true);
        if (folder.IsInvalid) throw Refused();
        while (Fsync(folder) != 0)
        {
            // Some file systems have nothing to flush for a folder.
            if (Marshal.GetLastPInvokeError() == Invalid) return;
            if (Marshal.GetLastPInvokeError() != Interrupted) throw Refused();
        }
    }

    private static IOException Refused() => new(Marshal.GetLastPInvokeErrorMessage());

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeFileHandle file, int command);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string path, int flags);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool FlushFileBuffers(SafeFileHandle file);
}
