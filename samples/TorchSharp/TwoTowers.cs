using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrakFast.TorchSharp.Sample;

/// <summary>CLIP in small: a tower for pictures and one for captions, which meet in a space of 32 dimensions.</summary>
internal sealed class TwoTowers : nn.Module<Tensor, Tensor, (Tensor Images, Tensor Texts, Tensor Scale)>
{
    private const int Width = 32;
    private readonly Sequential _image = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding: 1), nn.ReLU(), nn.Conv2d(16, 32, 3, stride: 2, padding: 1),
        nn.ReLU(), nn.Flatten(), nn.Linear(512, Width));

    private readonly Sequential _text = nn.Sequential(
        nn.Embedding(Captions.VocabularySize, 16), nn.Flatten(), nn.Linear(16 * Captions.Length, Width));

    public TwoTowers()
        : base(nameof(TwoTowers)) => RegisterComponents();

    /// <summary>Embeddings of pictures [B, 1, 8, 8] and captions [B, T], of length 1, and the scale of their products.</summary>
    public override (Tensor Images, Tensor Texts, Tensor Scale) forward(Tensor images, Tensor texts) =>
        (nn.functional.normalize(_image.call(images), dim: 1), nn.functional.normalize(_text.call(texts), dim: 1), tensor(10f));
}
