namespace TrakFast.Kernels.Tests;

/// <summary>The contract on ILGPU's simulator: the kernels that become PTX, launched as they are on a GPU.</summary>
internal sealed class SimulatedBackendTests : KernelBackendContract<SimulatorSizes>
{
    /// <inheritdoc/>
    protected override IKernelBackend Create(int threads) => new DeviceBackend(new IlgpuDevice(), new Workers(threads));
}
