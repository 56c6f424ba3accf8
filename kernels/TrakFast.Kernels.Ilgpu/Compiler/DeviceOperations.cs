using ILGPU;
using ILGPU.Backends.PTX;
using ILGPU.Frontend.Intrinsic;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;

namespace TrakFast.Kernels;

/// <summary>
/// Operations that ILGPU does not know: each has a C# body, which the simulator runs, and an instruction of its own in PTX.
/// </summary>
internal static class DeviceOperations
{
    /// <summary>Makes the operations known to a context.</summary>
    public static void Register(Context.Builder builder)
    {
        IntrinsicImplementationManager manager = builder.GetIntrinsicManager();
        manager.RegisterMethod(
            typeof(DeviceOperations).GetMethod(nameof(Fma))!,
            new PTXIntrinsic(typeof(DeviceOperations).GetMethod(nameof(GenerateFma))!, IntrinsicImplementationMode.GenerateCode, libDeviceRequired: false));
    }

    /// <summary>a·b + c with one rounding.</summary>
    [IntrinsicImplementation]
    public static float Fma(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    /// <summary>Emits <c>fma.rn.f32</c>.</summary>
    public static void GenerateFma(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        ArgumentNullException.ThrowIfNull(generator);
        MethodCall call = (MethodCall)value;
        var a = generator.LoadHardware(call.Nodes[0]);
        var b = generator.LoadHardware(call.Nodes[1]);
        var c = generator.LoadHardware(call.Nodes[2]);
        var result = generator.AllocateHardware(value);
        using PTXCodeGenerator.CommandEmitter command = generator.BeginCommand("fma.rn.f32");
        command.AppendArgument(result);
        command.AppendArgument(a);
        command.AppendArgument(b);
        command.AppendArgument(c);
    }
}
