using TorchSharp;
using TorchSharp.Modules;
using TrakFast.TorchSharp.Engines;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp;

/// <summary>Rows of a table by their ids. The row of the padding index gets no gradient; TorchSharp does not tell which it is.</summary>
internal sealed class EmbeddingLayer : Layer
{
    private readonly Tensor _table;
    private long[]? _padding;

    public EmbeddingLayer(Embedding module, Dictionary<string, ModelParameter> parameters, Tensor table)
        : base(module, parameters) => _table = table;

    public override bool AnyLeadingAxes => true;

    public override bool Separates(CallGradient call) =>
        call.Inputs.Concat(call.Deltas.OfType<Operand>()).All(o => o.Splits && o.Axis == call.Inputs[0].Axis);

    public override IEnumerable<GradientPart> Parts(CallGradient call, Targets targets)
    {
        if (!Want(targets, "weight", out long weight)) yield break;
        Tensor ids = call.Input, delta = call.Delta;
        _padding ??= FindPadding();
        foreach (long row in _padding) delta = delta.masked_fill((ids == row).unsqueeze(-1), 0);
        yield return new RowsPart(weight, ids, delta);
    }

    // The rows that stay without a gradient when every row is read.
    private long[] FindPadding()
    {
        bool tracked = _table.requires_grad;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable grad = enable_grad();
        try
        {
            _table.requires_grad = true;
            Tensor rows = ((Embedding)Module).forward(arange(_table.shape[0], dtype: ScalarType.Int64, device: _table.device));
            TorchErrors.Backpropagate([rows.sum()], null, [_table]);
            Tensor gradient = _table.grad!;
            if (gradient.is_sparse) gradient = gradient.to_dense();
            return (gradient.abs().sum(1L) == 0).nonzero().flatten().cpu().data<long>().ToArray();
        }
        finally
        {
            _table.grad = null;
            _table.requires_grad = tracked;
        }
    }
}
