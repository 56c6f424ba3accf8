using TrakFast.Kernels;

namespace TrakFast.Cli.Engines;

/// <summary>A model with the kernel backend of the memory that its gradients lie in; owns both.</summary>
/// <param name="Model">The engine's hold on the model.</param>
/// <param name="Backend">Projects and scores.</param>
/// <param name="Reason">Why this engine was taken, where the choice was left open.</param>
internal sealed record OpenEngine(IModel Model, IKernelBackend Backend, string? Reason) : IDisposable
{
    /// <summary>Both, for people.</summary>
    public string Description => $"{Model.Engine}, {Backend.Name}{(Reason is null ? "" : $" ({Reason.TrimEnd('.')})")}";

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        Backend.Dispose();
    }
}
