namespace TrakFast.Kernels;

/// <summary>Sends a block to the launches for its kind and the projection's.</summary>
internal sealed class ProjectionLaunches(IDevice device, DeviceScratch scratch, Projection projection, DeviceArithmetic method)
{
    /// <summary>Adds a block's projection to features [B, k].</summary>
    public void Project(GradientBlock block, MemoryView features)
    {
        if (projection.Factors(block.Parameter))
        {
            KroneckerLaunches.Project(device, scratch, projection, block, features, method);
            return;
        }

        switch (block)
        {
            case DenseBlock dense: Project(dense, features); break;
            case OuterProductBlock outer: Project(FactoredBlock.Of(outer), features); break;
            case RowsBlock rows: Project(rows, features); break;
            case ConvolutionBlock convolution:
                ConvolutionLaunches.Split(
                    device,
                    scratch,
                    convolution,
                    (first, part) => Project(part, Of(features, first, part.Batch)),
                    (first, part) => Project(part, Of(features, first, part.Batch)));
                break;
            default: throw new NotSupportedException($"{block.GetType().Name} cannot be projected on a device.");
        }
    }

    private MemoryView Of(MemoryView features, int first, int count) =>
        features.Slice((long)first * projection.Dimension, (long)count * projection.Dimension);

    private void Project(DenseBlock block, MemoryView features)
    {
        switch (projection.Kind)
        {
            case ProjectionKind.None: GradientLaunches.Add(device, block, features); break;
            case ProjectionKind.Sjlt or ProjectionKind.Kronecker: SjltLaunches.Project(device, scratch, projection, block, features); break;
            default: DenseLaunches.Project(device, scratch, projection, block, features, method); break;
        }
    }

    private void Project(FactoredBlock block, MemoryView features)
    {
        switch (projection.Kind)
        {
            case ProjectionKind.None: GradientLaunches.Add(device, block, features); break;
            case ProjectionKind.Sjlt or ProjectionKind.Kronecker: SjltLaunches.Project(device, scratch, projection, block, features); break;
            default: DenseLaunches.Project(device, scratch, projection, block, features, method); break;
        }
    }

    private void Project(RowsBlock block, MemoryView features)
    {
        switch (projection.Kind)
        {
            case ProjectionKind.None: GradientLaunches.Add(device, block, features); break;
            case ProjectionKind.Sjlt or ProjectionKind.Kronecker: SjltLaunches.Project(device, scratch, projection, block, features); break;
            default: DenseLaunches.Project(device, scratch, projection, block, features, method); break;
        }
    }
}
