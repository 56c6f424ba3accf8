using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>
/// Sums, means or maxima of a table's rows over bags, whose mode TorchSharp does not tell: it is run again for each example, and the
/// gradient is handed on as the rows that the example's bags touch.
/// </summary>
internal sealed class EmbeddingBagLayer : ReplayedLayer
{
    public EmbeddingBagLayer(
        EmbeddingBag module, Dictionary<string, ModelParameter> parameters, ModuleSignature signature, LayerHooks hooks,
        IReadOnlyDictionary<string, ModuleParameter> tensors)
        : base(module, parameters, signature, hooks, tensors)
    {
    }

    public override bool Separates(CallGradient call) =>
        call.Deltas[0]!.Axis == 0 && call.Deltas[0]!.Splits && (call.Arguments[1] is Tensor || base.Separates(call));

    public override CallGradient Example(CallGradient call, int example)
    {
        if (call.Arguments[1] is not Tensor offsets) return base.Example(call, example);

        // Bags of different lengths stand one behind the other.
        Tensor ids = (Tensor)call.Arguments[0]!;
        long bags = call.Deltas[0]!.Tensor.shape[0], each = bags / call.Batch, first = example * each;
        long[] starts = [.. offsets.to_type(ScalarType.Int64).cpu().data<long>()];
        long begin = starts[first], end = first + each < starts.Length ? starts[first + each] : ids.shape[0];
        long kept = starts.Length > bags ? each + 1 : each;
        object?[] arguments =
        [
            ids.narrow(0, begin, end - begin),
            offsets.narrow(0, first, kept) - begin,
            (call.Arguments[2] as Tensor)?.narrow(0, begin, end - begin)
        ];
        return new CallGradient(1, arguments, [], [call.Deltas[0]!.Example(example)]);
    }

    protected override GradientPart Part(CallGradient call, long offset, ModelParameter parameter, Tensor[] gradients)
    {
        long width = parameter.Shape[1];
        Tensor[] tables = [.. gradients.Select(g => g.reshape(-1, width))];
        Tensor[] rows = [.. tables.Select(static t => t.abs().sum(1L).nonzero().flatten())];
        long most = Math.Max(1, rows.Max(static r => r.numel()));
        Tensor ids = stack([.. rows.Select(r => nn.functional.pad(r, [0, most - r.numel()]))]);
        Tensor values = stack(
            [.. tables.Select((t, b) => nn.functional.pad(t.index_select(0, rows[b]), [0, 0, 0, most - rows[b].numel()]))]);
        return new RowsPart(offset, ids, values);
    }
}
