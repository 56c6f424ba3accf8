using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrakFast.TorchSharp.Tests;

/// <summary>A module that is a function of its fields.</summary>
internal abstract class Sample : Module<Tensor, Tensor>
{
    protected Sample()
        : base("sample")
    {
    }
}

/// <summary>x / rms(x) · w, a leaf with a raw parameter.</summary>
internal sealed class RmsNorm : Sample
{
    private readonly global::TorchSharp.Modules.Parameter weight;

    public RmsNorm(long width)
    {
        weight = Parameter(ones(width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x * (x.square().mean([-1], keepdim: true) + 1e-5f).rsqrt() * weight;
}

/// <summary>A residual scaled by a raw parameter, beside layers.</summary>
internal sealed class Scaled : Sample
{
    private readonly Linear inner;
    private readonly RmsNorm norm;
    private readonly global::TorchSharp.Modules.Parameter gamma;

    public Scaled(long width)
    {
        inner = Linear(width, width);
        norm = new RmsNorm(width);
        gamma = Parameter(rand(width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x + (gamma * inner.call(norm.call(x)).tanh());
}

/// <summary>Token and position embeddings, blocks with raw parameters, and the token table again as the head.</summary>
internal sealed class LanguageModel : Sample
{
    private readonly Embedding token = Embedding(11, 6);
    private readonly Embedding position = Embedding(8, 6);
    private readonly Scaled block = new(6);
    private readonly Linear? head;

    public LanguageModel(bool tiedByModule)
    {
        if (tiedByModule)
        {
            head = Linear(6, 11, hasBias: false);
            head.weight = token.weight!;
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor ids)
    {
        Tensor x = token.call(ids) + position.call(arange(ids.shape[1], dtype: ScalarType.Int64));
        x = block.call(x);
        return head is not null ? head.call(x) : functional.linear(x, token.weight!);
    }
}

/// <summary>One layer used twice, one that is frozen and one that is not used.</summary>
internal sealed class Shared : Sample
{
    private readonly Linear twice = Linear(5, 5);
    private readonly Linear frozen = Linear(5, 5);
    private readonly Linear unused = Linear(5, 5);
    private readonly ModuleList<Linear> list = ModuleList(Linear(5, 4), Linear(5, 4));
    private readonly Linear again;

    public Shared()
    {
        again = twice;
        foreach (global::TorchSharp.Modules.Parameter parameter in frozen.parameters()) parameter.requires_grad = false;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) =>
        list[0].call(twice.call(frozen.call(again.call(x).tanh()).tanh())) + list[1].call(x) + (unused.in_features * 0);
}

/// <summary>Works on its own input in place.</summary>
internal sealed class Centered : Sample
{
    private readonly Linear first = Linear(5, 4);
    private readonly global::TorchSharp.Modules.Parameter scale = Parameter(rand(4));

    public Centered() => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        x.sub_(0.5f).mul_(2);
        Tensor y = first.call(x);
        y.add_(1);
        return y.relu_() * scale;
    }
}

/// <summary>Puts its examples on the second axis, and merges them with positions, for the layers inside.</summary>
internal sealed class Moved : Sample
{
    private readonly Linear second = Linear(5, 4);
    private readonly Linear merged = Linear(4, 3);
    private readonly Conv1d conv = Conv1d(1, 2, 2);

    public Moved() => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        long b = x.shape[0], t = x.shape[1];
        Tensor y = second.call(x.transpose(0, 1)).tanh();
        Tensor z = merged.call(y.transpose(0, 1).reshape(b * t, 4));
        return conv.call(z.unsqueeze(1)).reshape(b, -1);
    }
}

/// <summary>Merges positions with examples the other way round, so that no layer's rows belong to one example after the other.</summary>
internal sealed class Interleaved : Sample
{
    private readonly Linear layer = Linear(5, 4);

    public Interleaved() => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        long b = x.shape[0], t = x.shape[1];
        return layer.call(x.transpose(0, 1).reshape(t * b, 5)).reshape(t, b, 4).transpose(0, 1).tanh();
    }
}

/// <summary>Another row of experts for each example, as a mixture of experts.</summary>
internal sealed class Experts : Sample
{
    private readonly ModuleList<Linear> experts = ModuleList(Linear(4, 3), Linear(4, 3), Linear(4, 3));

    public Experts() => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        Tensor sum = zeros(x.shape[0], 3);
        Tensor choice = x.select(1, 0).mul(10).abs().to_type(ScalarType.Int64).remainder(3);
        for (int e = 0; e < 3; e++)
        {
            Tensor rows = (choice == e).nonzero().flatten();
            if (rows.numel() > 0) sum = sum.index_add(0, rows, experts[e].call(x.index_select(0, rows)), 1);
        }

        return sum;
    }
}

/// <summary>A recurrent network and a layer behind it.</summary>
internal sealed class Recurrent : Sample
{
    private readonly Module core;
    private readonly Linear head;
    private readonly bool _batchFirst;

    public Recurrent(Module core, long width, bool batchFirst)
    {
        (this.core, _batchFirst) = (core, batchFirst);
        head = Linear(width, 2);
        RegisterComponents();
        eval();
    }

    public override Tensor forward(Tensor x)
    {
        Tensor input = _batchFirst ? x : x.transpose(0, 1);
        Tensor y = core switch
        {
            LSTM lstm => lstm.call(input).Item1,
            GRU gru => gru.call(input).Item1,
            RNN rnn => rnn.call(input).Item1,
            MultiheadAttention attention => attention.call(input, input, input, null, true, null).Item1,
            Module<Tensor, Tensor> layer => layer.call(input),
            _ => throw new NotSupportedException(),
        };
        return head.call(_batchFirst ? y : y.transpose(0, 1));
    }
}

/// <summary>Cells called once for each position.</summary>
internal sealed class Unrolled : Sample
{
    private readonly LSTMCell first = LSTMCell(3, 4);
    private readonly GRUCell second = GRUCell(4, 5);

    public Unrolled() => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        Tensor h = zeros(x.shape[0], 4), c = zeros(x.shape[0], 4), g = zeros(x.shape[0], 5);
        for (int t = 0; t < x.shape[1]; t++)
        {
            (h, c) = first.call(x.select(1, t), (h, c));
            g = second.call(h, g);
        }

        return g;
    }
}

/// <summary>Raw positions that are added to each example's patches, and a raw factor.</summary>
internal sealed class Patches : Sample
{
    private readonly Linear patch = Linear(5, 4);
    private readonly global::TorchSharp.Modules.Parameter positions = Parameter(rand(1, 3, 4));
    private readonly global::TorchSharp.Modules.Parameter factor = Parameter(rand(4));
    private readonly Linear head = Linear(4, 2);

    public Patches() => RegisterComponents();

    public override Tensor forward(Tensor x) => head.call(((patch.call(x) + positions).tanh() * factor).mean([1]));
}
