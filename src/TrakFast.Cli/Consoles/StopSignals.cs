using System.Runtime.InteropServices;

namespace TrakFast.Cli.Consoles;

/// <summary>
/// Ctrl-C, SIGTERM and SIGHUP: the first asks the work to stop, which commits what is done; a second ends the process at once.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private const int FileTooLarge = 25; // SIGXFSZ on Linux and macOS
    private readonly CancellationTokenSource _cancellation = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _exitCode;

    /// <summary>Listens from now on.</summary>
    public StopSignals()
    {
        // 128 and the signal's number, as shells count.
        Listen(PosixSignal.SIGINT, ExitCode.Canceled);
        Listen(PosixSignal.SIGTERM, 143);
        Listen(PosixSignal.SIGHUP, 129);

        // A file that grows past the limit of the shell would end the process; so the write fails, and says so.
        if (!OperatingSystem.IsWindows())
            _registrations.Add(PosixSignalRegistration.Create((PosixSignal)FileTooLarge, static context => context.Cancel = true));
    }

    /// <summary>Asks the work to stop.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>The exit code that a work's becomes which was stopped.</summary>
    public int Explain(int exitCode) => exitCode == ExitCode.Canceled && _exitCode != 0 ? _exitCode : exitCode;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _cancellation.Dispose();
    }

    private void Listen(PosixSignal signal, int exitCode) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = Interlocked.CompareExchange(ref _exitCode, exitCode, 0) == 0;
        if (context.Cancel) _cancellation.Cancel();
    }));
}
