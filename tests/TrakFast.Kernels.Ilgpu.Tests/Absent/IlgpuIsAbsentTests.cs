using System.Reflection;

namespace TrakFast.Kernels.Tests;

/// <summary>Stands for this project's tests where ILGPU cannot be restored.</summary>
internal sealed class IlgpuIsAbsentTests
{
    [Test]
    public void KernelsOnTheSimulator() =>
        Assert.Ignore(typeof(IlgpuIsAbsentTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static pair => pair.Key == "OptionalPackageAbsence").Value!);
}
