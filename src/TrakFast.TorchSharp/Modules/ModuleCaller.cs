using System.Runtime.InteropServices;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>Runs a whole model: named tensors in, tensors out.</summary>
internal sealed class ModuleCaller
{
    private readonly Func<IReadOnlyDictionary<string, Tensor>, object?> _run;
    private readonly string _model;

    private ModuleCaller(string model, Func<IReadOnlyDictionary<string, Tensor>, object?> run) => (_model, _run) = (model, run);

    /// <summary>Runs what the user says.</summary>
    public static ModuleCaller Of(string model, Func<IReadOnlyDictionary<string, Tensor>, IReadOnlyList<Tensor>> forward) =>
        new(model, tensors => forward(tensors) is { } outputs ? outputs.ToArray() : null);

    /// <summary>Calls the module with the inputs as its first arguments.</summary>
    /// <exception cref="TrakException">The module cannot be called with them.</exception>
    public static ModuleCaller Of(string model, nn.Module module, IReadOnlyList<string> inputs)
    {
        if (module is jit.ScriptModule script) return new(model, tensors => script.call([.. inputs.Select(name => (object)tensors[name])]));
        if (ModuleSignature.Of(module) is not { } signature)
            throw new TrakException($"{model} is no module that is called with one to six arguments; give the function that runs it.");
        IReadOnlyList<Type> types = signature.Arguments;
        bool fits = inputs.Count <= types.Count && types.Take(inputs.Count).All(static t => t == typeof(Tensor))
            && ModuleSignature.Optional(module, types).Skip(inputs.Count).All(static o => o);
        if (!fits)
            throw new TrakException(
                $"{model} is called with ({string.Join(", ", types.Select(static t => t.Name))}), and {inputs.Count} tensors "
                + $"({string.Join(", ", inputs)}) are named as its inputs; name as many, or give the function that runs it.");
        return new(model, tensors =>
        {
            object?[] arguments = new object?[types.Count];
            for (int i = 0; i < inputs.Count; i++) arguments[i] = tensors[inputs[i]];
            return signature.Call(arguments);
        });
    }

    /// <summary>The model's outputs.</summary>
    /// <exception cref="TrakException">The model refuses the inputs, or gives no tensors.</exception>
    public Tensor[] Run(IReadOnlyDictionary<string, Tensor> inputs)
    {
        object? result;
        try
        {
            result = _run(inputs);
        }
        catch (Exception exception) when (exception is ExternalException or ArgumentException)
        {
            throw new TrakException(
                $"The model {_model} cannot be "
                + $"run on {string.Join(", ", inputs.Select(static i => $"'{i.Key}' {Shapes.Text(i.Value.shape)}"))}: "
                + $"{TorchErrors.Line(exception)}.",
                exception);
        }

        Tensor[] outputs = [.. TensorTree.Leaves(result)];
        return outputs.Length > 0
            ? outputs
            : throw new TrakException(
                $"The model {_model} gives {result?.GetType().Name ?? "nothing"} where tensors are wanted; "
                + "give a function that runs it and picks them.");
    }
}
