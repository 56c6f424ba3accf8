using System.Reflection;

namespace TrakFast.TorchSharp.Tests;

/// <summary>Stands for this project's tests where TorchSharp cannot be restored.</summary>
internal sealed class TorchSharpIsAbsentTests
{
    [Test]
    public void EnginesOfTorch() =>
        Assert.Ignore(typeof(TorchSharpIsAbsentTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static pair => pair.Key == "OptionalPackageAbsence").Value!);
}
