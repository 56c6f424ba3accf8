using System.Reflection;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>
/// How a module is called and watched, whatever its generic base class: TorchSharp has one for each number and type of arguments,
/// and nothing that they share.
/// </summary>
internal sealed class ModuleSignature
{
    private static readonly Type[] Bases =
    [
        typeof(nn.Module<,>), typeof(nn.Module<,,>), typeof(nn.Module<,,,>), typeof(nn.Module<,,,,>),
        typeof(nn.Module<,,,,,>), typeof(nn.Module<,,,,,,>)
    ];

    private ModuleSignature(
        Type[] arguments, Func<object?[], object?> call, Func<object?[], object?> forward,
        Func<Func<object?[], object?, object?>, Action> watch) =>
        (Arguments, Call, Forward, Watch) = (arguments, call, forward, watch);

    /// <summary>Types of the arguments.</summary>
    public IReadOnlyList<Type> Arguments { get; }

    /// <summary>Calls the module with its hooks.</summary>
    public Func<object?[], object?> Call { get; }

    /// <summary>Runs the module without its own hooks.</summary>
    public Func<object?[], object?> Forward { get; }

    /// <summary>
    /// Has a function look at each call's arguments and result, and give the result to go on with; returns what undoes it.
    /// </summary>
    public Func<Func<object?[], object?, object?>, Action> Watch { get; }

    /// <summary>The signature of a module; null where it has none, as lists of modules and TorchScript.</summary>
    public static ModuleSignature? Of(nn.Module module)
    {
        for (Type? type = module.GetType(); type is not null; type = type.BaseType)
        {
            int arguments = type.IsGenericType ? Array.IndexOf(Bases, type.GetGenericTypeDefinition()) + 1 : 0;
            if (arguments == 0) continue;
            MethodInfo make = typeof(ModuleSignature).GetMethod($"Make{arguments}", BindingFlags.NonPublic | BindingFlags.Static)!;
            return (ModuleSignature)make.MakeGenericMethod(type.GenericTypeArguments).Invoke(null, [module])!;
        }

        return null;
    }

    /// <summary>Whether each argument may be null, as the module's own <c>forward</c> declares it.</summary>
    public static bool[] Optional(nn.Module module, IReadOnlyList<Type> arguments)
    {
        NullabilityInfoContext context = new();
        MethodInfo? forward = module.GetType().GetMethod("forward", [.. arguments]);
        return [.. arguments.Select(
            (_, i) => forward is not null && context.Create(forward.GetParameters()[i]).WriteState == NullabilityState.Nullable)];
    }

#pragma warning disable IDE0051 // Called by name.
    private static ModuleSignature Make1<T1, TResult>(nn.Module<T1, TResult> m) => new(
        [typeof(T1)],
        a => m.call((T1)a[0]!),
        a => m.forward((T1)a[0]!),
        see => m.register_forward_hook((_, x, y) => (TResult)see([x], y)!).remove);

    private static ModuleSignature Make2<T1, T2, TResult>(nn.Module<T1, T2, TResult> m) => new(
        [typeof(T1), typeof(T2)],
        a => m.call((T1)a[0]!, (T2)a[1]!),
        a => m.forward((T1)a[0]!, (T2)a[1]!),
        see => m.register_forward_hook((_, x1, x2, y) => (TResult)see([x1, x2], y)!).remove);

    private static ModuleSignature Make3<T1, T2, T3, TResult>(nn.Module<T1, T2, T3, TResult> m) => new(
        [typeof(T1), typeof(T2), typeof(T3)],
        a => m.call((T1)a[0]!, (T2)a[1]!, (T3)a[2]!),
        a => m.forward((T1)a[0]!, (T2)a[1]!, (T3)a[2]!),
        see => m.register_forward_hook((_, x1, x2, x3, y) => (TResult)see([x1, x2, x3], y)!).remove);

    private static ModuleSignature Make4<T1, T2, T3, T4, TResult>(nn.Module<T1, T2, T3, T4, TResult> m) => new(
        [typeof(T1), typeof(T2), typeof(T3), typeof(T4)],
        a => m.call((T1)a[0]!, (T2)a[1]!, (T3)a[2]!, (T4)a[3]!),
        a => m.forward((T1)a[0]!, (T2)a[1]!, (T3)a[2]!, (T4)a[3]!),
        see => m.register_forward_hook((_, x1, x2, x3, x4, y) => (TResult)see([x1, x2, x3, x4], y)!).remove);

    private static ModuleSignature Make5<T1, T2, T3, T4, T5, TResult>(nn.Module<T1, T2, T3, T4, T5, TResult> m) => new(
        [typeof(T1), typeof(T2), typeof(T3), typeof(T4), typeof(T5)],
        a => m.call((T1)a[0]!, (T2)a[1]!, (T3)a[2]!, (T4)a[3]!, (T5)a[4]!),
        a => m.forward((T1)a[0]!, (T2)a[1]!, (T3)a[2]!, (T4)a[3]!, (T5)a[4]!),
        see => m.register_forward_hook((_, x1, x2, x3, x4, x5, y) => (TResult)see([x1, x2, x3, x4, x5], y)!).remove);

    private static ModuleSignature Make6<T1, T2, T3, T4, T5, T6, TResult>(nn.Module<T1, T2, T3, T4, T5, T6, TResult> m) => new(
        [typeof(T1), typeof(T2), typeof(T3), typeof(T4), typeof(T5), typeof(T6)],
        a => m.call((T1)a[0]!, (T2)a[1]!, (T3)a[2]!, (T4)a[3]!, (T5)a[4]!, (T6)a[5]!),
        a => m.forward((T1)a[0]!, (T2)a[1]!, (T3)a[2]!, (T4)a[3]!, (T5)a[4]!, (T6)a[5]!),
        see => m.register_forward_hook((_, x1, x2, x3, x4, x5, x6, y) => (TResult)see([x1, x2, x3, x4, x5, x6], y)!).remove);
#pragma warning restore IDE0051
}
