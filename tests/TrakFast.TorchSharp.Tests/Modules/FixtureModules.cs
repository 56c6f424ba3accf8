using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp.Tests;

/// <summary>The models of tests/fixtures as modules, with the fields named as in their state dicts.</summary>
internal static class FixtureModules
{
    public static nn.Module Of(string name) => name switch
    {
        "mlp" => new Mlp(),
        "cnn" => new Cnn(),
        "bert" => new Bert(),
        "clip" => new Clip(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such case."),
    };

    public static string[] Outputs(string name) => name == "clip" ? ["image_embeddings", "text_embeddings", "scale"] : ["logits"];

    private sealed class Mlp : nn.Module<Tensor, Tensor>
    {
        private readonly Linear fc1 = nn.Linear(64, 32);
        private readonly Linear fc2 = nn.Linear(32, 10);

        public Mlp()
            : base("mlp") => RegisterComponents();

        public override Tensor forward(Tensor image) => fc2.call(fc1.call(image.flatten(1)).relu());
    }

    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1;
        private readonly BatchNorm2d bn1;
        private readonly Conv2d conv2;
        private readonly BatchNorm2d bn2;

        public Block(long c)
            : base("block")
        {
            conv1 = nn.Conv2d(c, c, 3, padding: 1, bias: false);
            bn1 = nn.BatchNorm2d(c);
            conv2 = nn.Conv2d(c, c, 3, padding: 1, bias: false);
            bn2 = nn.BatchNorm2d(c);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => (x + bn2.call(conv2.call(bn1.call(conv1.call(x)).relu()))).relu();
    }

    private sealed class Cnn : nn.Module<Tensor, Tensor>
    {
        private readonly Sequential stem = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding: 1, bias: false), nn.BatchNorm2d(8), nn.ReLU(inplace: true));
        private readonly Block block = new(8);
        private readonly Sequential down = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, stride: 2, padding: 1, groups: 2), nn.GELU());
        private readonly Linear head = nn.Linear(16, 10);

        public Cnn()
            : base("cnn")
        {
            RegisterComponents();
            eval();
        }

        public override Tensor forward(Tensor image) =>
            head.call(down.call(block.call(stem.call(image.to_type(ScalarType.Float32)))).mean([2, 3]));
    }

    private sealed class SelfAttention : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly long _heads;
        private readonly Linear query;
        private readonly Linear key;
        private readonly Linear value;
        private readonly Linear output;

        public SelfAttention(long d, long heads)
            : base("attention")
        {
            _heads = heads;
            (query, key, value, output) = (nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x, Tensor mask)
        {
            long b = x.shape[0], t = x.shape[1], d = x.shape[2];
            Tensor q = Heads(query.call(x)), k = Heads(key.call(x)), v = Heads(value.call(x));
            Tensor weights = ((q.matmul(k.transpose(-1, -2)) / Math.Sqrt(d / _heads)) + mask).softmax(-1);
            return output.call(weights.matmul(v).transpose(1, 2).reshape(b, t, d));

            Tensor Heads(Tensor y) => y.view(b, t, _heads, d / _heads).transpose(1, 2);
        }
    }

    private sealed class Layer : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly SelfAttention attention;
        private readonly LayerNorm norm1;
        private readonly Linear up;
        private readonly Linear down;
        private readonly LayerNorm norm2;

        public Layer(long d, long heads, long f)
            : base("layer")
        {
            attention = new SelfAttention(d, heads);
            norm1 = nn.LayerNorm(d);
            (up, down) = (nn.Linear(d, f), nn.Linear(f, d));
            norm2 = nn.LayerNorm(d);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x, Tensor mask)
        {
            x = norm1.call(x + attention.call(x, mask));
            return norm2.call(x + down.call(nn.functional.gelu(up.call(x))));
        }
    }

    private sealed class Bert : nn.Module<Tensor, Tensor, Tensor, Tensor>
    {
        private readonly Embedding word = nn.Embedding(50, 16);
        private readonly Embedding position = nn.Embedding(12, 16);
        private readonly Embedding segment = nn.Embedding(2, 16);
        private readonly LayerNorm norm = nn.LayerNorm(16);
        private readonly ModuleList<Layer> layers = nn.ModuleList(new Layer(16, 2, 32), new Layer(16, 2, 32));
        private readonly Linear pooler = nn.Linear(16, 16);
        private readonly Linear classifier = nn.Linear(16, 2);

        public Bert()
            : base("bert") => RegisterComponents();

        public override Tensor forward(Tensor input_ids, Tensor token_type_ids, Tensor attention_mask)
        {
            Tensor p = arange(input_ids.shape[1], dtype: ScalarType.Int64);
            Tensor x = norm.call(word.call(input_ids) + position.call(p).unsqueeze(0) + segment.call(token_type_ids));
            Tensor mask = (1 - attention_mask.unsqueeze(1).unsqueeze(1).to_type(x.dtype)) * -1e4f;
            foreach (Layer layer in layers) x = layer.call(x, mask);
            return classifier.call(pooler.call(x.select(1, 0)).tanh());
        }
    }

    private sealed class Clip : nn.Module<Tensor, Tensor, (Tensor, Tensor, Tensor)>
    {
        private readonly global::TorchSharp.Modules.Parameter logit_scale = nn.Parameter(tensor(2f));
        private readonly Conv2d conv = nn.Conv2d(1, 6, 3, stride: 2, padding: 1);
        private readonly Linear visual = nn.Linear(6 * 16, 8);
        private readonly Embedding token = nn.Embedding(10, 12);
        private readonly Linear text_proj = nn.Linear(12, 8);

        public Clip()
            : base("clip") => RegisterComponents();

        public override (Tensor, Tensor, Tensor) forward(Tensor image, Tensor text)
        {
            Tensor i = nn.functional.normalize(visual.call(conv.call(image).relu().flatten(1)), dim: -1);
            Tensor t = nn.functional.normalize(text_proj.call(token.call(text).mean([1]).tanh()), dim: -1);
            return (i, t, logit_scale.exp());
        }
    }
}
