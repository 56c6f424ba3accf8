namespace TrakFast.Kernels.Tests;

/// <summary>A device that the fake driver has.</summary>
internal sealed record FakeDevice(string Name = "Fake GPU", long Bytes = 64L << 20, int Major = 9, int Minor = 0);

/// <summary>A launch as the driver got it.</summary>
/// <param name="Entry">The function.</param>
/// <param name="Grid">Groups along the axes.</param>
/// <param name="Block">Threads along the axes.</param>
/// <param name="SharedBytes">Dynamic shared memory.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Parameters">Each parameter's bytes.</param>
internal sealed record FakeLaunch(
    string Entry, (uint X, uint Y, uint Z) Grid, (uint X, uint Y, uint Z) Block, uint SharedBytes,
    nint Stream, IReadOnlyList<byte[]> Parameters);
