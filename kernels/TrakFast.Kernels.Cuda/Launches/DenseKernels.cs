using System.Collections.Immutable;
using Kind = TrakFast.Kernels.ArgumentKind;

namespace TrakFast.Kernels;

/// <summary>A kernel of a dense projection, and the rows and columns of a group's tile.</summary>
internal sealed record DenseKernel(DeviceKernel Kernel, int Rows, int Columns);

/// <summary>The kernels that project gradients of one source, all with the same parameters.</summary>
internal sealed class DenseKernels
{
    private readonly DenseKernel _signs, _exactSigns, _normals, _signsReference, _normalsReference;

    /// <summary>Names the kernels.</summary>
    /// <param name="source">What the kernels' names call the source.</param>
    /// <param name="shared">Whether rows share their coordinates, so that a tile has many.</param>
    /// <param name="parameters">The source's parameters.</param>
    public DenseKernels(string source, bool shared, params ImmutableArray<ArgumentKind> parameters)
    {
        int rows = shared ? 32 : 1;
        _signs = shared ? Kernel($"Rademacher{source}", 32, 512) : Kernel($"Rademacher{source}", 1, 128);
        _exactSigns = shared ? Kernel($"Rademacher{source}Exact", 32, 128) : _signs;
        _normals = Kernel($"Gaussian{source}", rows, 128);
        _signsReference = Reference(Kernel($"Rademacher{source}Reference", 1, 256));
        _normalsReference = Reference(Kernel($"Gaussian{source}Reference", 1, 256));

        DenseKernel Kernel(string name, int tileRows, int columns) =>
            new(
                new DeviceKernel(
                    name, 256,
                    [.. parameters, Kind.Floats, Kind.Int32, Kind.Int32, Kind.Int64, Kind.Int64, Kind.Int32, Kind.Int32, Kind.Int32]),
                tileRows, columns);

        static DenseKernel Reference(DenseKernel kernel) => kernel with { Kernel = kernel.Kernel with { Ships = false } };
    }

    /// <summary>All of them.</summary>
    public IEnumerable<DeviceKernel> All =>
        new[] { _signs, _exactSigns, _normals, _signsReference, _normalsReference }.Distinct().Select(static kernel => kernel.Kernel);

    /// <summary>The kernel for a kind of entries.</summary>
    public DenseKernel this[ProjectionKind kind, DeviceArithmetic method] => (kind, method) switch
    {
        (ProjectionKind.Gaussian, DeviceArithmetic.Reference) => _normalsReference,
        (ProjectionKind.Gaussian, _) => _normals,
        (_, DeviceArithmetic.Reference) => _signsReference,
        (_, DeviceArithmetic.Float32) => _exactSigns,
        _ => _signs,
    };
}
