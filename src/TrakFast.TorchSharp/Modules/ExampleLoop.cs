using TorchSharp;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>
/// Gradients by running the whole model once for each example, with plain backward passes from the δ of the model's outputs: for
/// what no layer accounts for.
/// </summary>
internal static class ExampleLoop
{
    // Gradients that are written out at once.
    private const long MostElements = 1L << 27;

    /// <summary>Hands out the gradients of some parameters.</summary>
    /// <param name="caller">The model.</param>
    /// <param name="hooks">Its hooks.</param>
    /// <param name="run">The forward pass, backpropagated.</param>
    /// <param name="deltas">δ of the outputs.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="selection">Where they go.</param>
    /// <param name="accept">Takes a part.</param>
    public static void Run(
        ModuleCaller caller, LayerHooks hooks, ModuleRun run, IReadOnlyList<Operand?> deltas, IReadOnlyList<ModuleParameter> parameters,
        ParameterSelection selection, Action<GradientPart> accept)
    {
        for (int first = 0; first < parameters.Count;)
        {
            long elements = 0;
            int end = first;
            do elements += parameters[end++].Parameter.Length * run.Batch;
            while (end < parameters.Count && elements + (parameters[end].Parameter.Length * run.Batch) <= MostElements);
            ModuleParameter[] group = [.. parameters.Skip(first).Take(end - first)];
            using DisposeScope scope = NewDisposeScope();
            Tensor?[] rows = new Tensor?[group.Length];
            for (int b = 0; b < run.Batch; b++)
            {
                using DisposeScope each = NewDisposeScope();
                Tensor?[] gradients = Gradients(caller, hooks, run, deltas, b, group);
                for (int i = 0; i < group.Length; i++)
                {
                    if (gradients[i] is not { } gradient) continue;
                    rows[i] ??= zeros(run.Batch, gradient.numel(), device: gradient.device).MoveToOuterDisposeScope();
                    rows[i]!.select(0, b).copy_(gradient);
                }
            }

            for (int i = 0; i < group.Length; i++)
            {
                if (rows[i] is { } values) accept(new DensePart(selection.Offset(group[i].Parameter.Name), values));
            }

            first = end;
        }
    }

    /// <summary>One example's gradients, by the model alone.</summary>
    public static Tensor?[] Gradients(
        ModuleCaller caller, LayerHooks hooks, ModuleRun run, IReadOnlyList<Operand?> deltas, int example,
        IReadOnlyList<ModuleParameter> parameters)
    {
        using Tracking tracking = new(parameters);
        Tensor[] outputs = hooks.Watched(null, () => caller.Run(run.Example(example, 1)));
        return tracking.Gradients(outputs, [.. deltas.Select(d => d?.Example(example).Tensor)]);
    }
}
