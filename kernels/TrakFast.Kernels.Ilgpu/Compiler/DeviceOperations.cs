using ILGPU;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;
using Registers = ILGPU.Backends.RegisterAllocator<ILGPU.Backends.PTX.PTXRegisterKind>;

namespace TrakFast.Kernels;

/// <summary>
/// Operations that ILGPU does not know: each has a C# body, which the simulator runs, and an instruction of its own in PTX.
/// </summary>
internal static class DeviceOperations
{
    /// <summary>Makes the operations known to a context.</summary>
    public static void Register(Context.Builder builder)
    {
        Register(builder, typeof(DeviceOperations), nameof(Fma), nameof(EmitFma));
        TensorCore.Register(builder);
        SplitProduct.Register(builder);
    }

    /// <summary>Makes a method known that is compiled by another method of its class.</summary>
    public static void Register(Context.Builder builder, Type type, string method, string emitter) =>
        builder.GetIntrinsicManager().RegisterMethod(
            type.GetMethod(method)!,
            new PTXIntrinsic(type.GetMethod(emitter)!, IntrinsicImplementationMode.GenerateCode, libDeviceRequired: false));

    /// <summary>a·b + c, rounded once.</summary>
    [IntrinsicImplementation]
    public static float Fma(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    /// <summary>Compiles <see cref="Fma"/>.</summary>
    public static void EmitFma(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        MethodCall call = (MethodCall)value;
        PTXRegisterAllocator.PrimitiveRegister a = generator.LoadPrimitive(call.Nodes[0]),
            b = generator.LoadPrimitive(call.Nodes[1]),
            c = generator.LoadPrimitive(call.Nodes[2]);
        PTXRegisterAllocator.HardwareRegister sum = generator.AllocateHardware(value);
        using PTXCodeGenerator.CommandEmitter command = generator.BeginCommand("fma.rn.f32");
        command.AppendArgument(sum);
        command.AppendArgument(a);
        command.AppendArgument(b);
        command.AppendArgument(c);
    }

    /// <summary>The names of the registers that a value takes, in order.</summary>
    public static IEnumerable<string> Names(Registers.Register register) => register switch
    {
        Registers.CompoundRegister compound => compound.Children.SelectMany(Names),
        Registers.HardwareRegister hardware => [Name(hardware)],
        _ => throw new NotSupportedException("A matrix held by a constant is not multiplied."),
    };

    /// <summary>Registers as the operand of an instruction.</summary>
    public static string List(IEnumerable<string> registers) => $"{{{string.Join(", ", registers)}}}";

    /// <summary>A register's name.</summary>
    public static string Name(Registers.HardwareRegister register) => "%" + PTXRegisterAllocator.GetStringRepresentation(register);
}
