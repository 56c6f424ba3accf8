using TrakFast.Cli.Report.Content;
using TrakFast.Cli.Report.Pictures;
using TrakFast.Cli.Vocabularies;

namespace TrakFast.Cli.Tests;

/// <summary>Reports of token texts, and of pictures with captions, with everything that is hard to show.</summary>
internal static class SampleTexts
{
    private static readonly (string Name, int Red, int Green, int Blue)[] Colors =
        [("red", 200, 50, 45), ("blue", 40, 90, 190), ("green", 40, 140, 80), ("yellow", 235, 190, 50), ("violet", 130, 70, 170)];

    /// <summary>
    /// Film reviews as tokens: special tokens, unknown ids, control characters, other scripts and directions, long texts.
    /// </summary>
    public static ReportModel CreateTokens()
    {
        string review = string.Join(
            ' ', Enumerable.Repeat("The film takes its time, and every quiet minute of it pays back in the last scene.", 8));
        TokenText[] texts =
        [
            Runs(new TextRun(RunKind.Text, review[..164])),
            Runs(new TextRun(RunKind.Text, review)),
            Runs(new TextRun(RunKind.Text, "هذا الفيلم يأخذ وقته، وكل دقيقة هادئة فيه (حقا!) تستحق المشاهدة.")),
            Runs(
                new TextRun(RunKind.Text, "Wunderbar – 映画は素晴らしい 🎬👩‍👩‍👧 ⟨U+202E⟩ <script>alert(1)</script>"),
                new(RunKind.Unknown, "⟨50300⟩"), new(RunKind.Special, "[SEP]"), new(RunKind.Text, "and so on.")),
            new([new(RunKind.Text, "def fold(text):\n    return text if len(text) < 420 else text[:420]\n\n\tprint(␀)")], 0),
            new([], 0),
            new([new(RunKind.Text, string.Concat(Enumerable.Repeat("verylongwordwithoutanyblank", 40)))], 12_345),
        ];
        ScoredExample[] examples = [.. texts.Select((text, i) =>
            new ScoredExample(i * 977, Math.Pow(10, -i / 2.0) * 3.2, new TokenContent(text), i % 2 == 0 ? "positive" : "negative"))];
        ReportModel sample = SampleReport.CreateText();
        return sample with
        {
            Title = "Film reviews, read by a transformer",
            Run = sample.Run with { Task = "text_classification" },
            Targets =
            [
                .. texts.Take(3).Select((text, i) => sample.Targets[0] with
                {
                    Index = 41 + i,
                    Content = new TokenContent(text),
                    Label = i == 1 ? "negative" : "positive",
                    Prediction = "positive",
                    Proponents = examples,
                    Opponents = [.. examples
                        .Reverse()
                        .Take(3)
                        .Select(static (e, r) => e with { Score = -0.4 / (r + 1), TrainIndex = e.TrainIndex + 1 })],
                }),
                sample.Targets[0] with
                {
                    Index = 44,
                    Content = new CombinedContent(
                        [new("premise", new TokenContent(texts[0])), new("hypothesis", new TokenContent(texts[3]))]),
                    Label = "entailment",
                    Proponents = [.. examples.Take(2).Select(e => e with
                    {
                        Content = new CombinedContent([new("premise", new TokenContent(texts[1])), new("hypothesis", e.Content)])
                    })],
                    Opponents = [],
                },
            ],
        };
    }

    /// <summary>Pictures with captions, as CLIP is trained on.</summary>
    public static ReportModel CreatePairs()
    {
        ReportModel sample = SampleReport.CreateText();
        return sample with
        {
            Title = "Pictures and captions",
            Run = sample.Run with { Task = "clip" },
            Targets =
            [
                .. Enumerable.Range(0, 2).Select(t => sample.Targets[0] with
                {
                    Index = t,
                    Content = Pair(t + 3),
                    Label = null,
                    Proponents = [.. Enumerable.Range(0, 8).Select(
                        i => new ScoredExample(i * 31, 2.4 / (i + 1), Pair(i + t)) { Flip = i == 2 ? new LabelFlip("a", "b") : null })],
                    Opponents = [.. Enumerable.Range(0, 5).Select(i => new ScoredExample((i * 57) + 9, -1.1 / (i + 1), Pair(i + 7 + t)))],
                }),
            ],
        };
    }

    private static CombinedContent Pair(int i)
    {
        (string Name, int Red, int Green, int Blue) front = Colors[i % 5], back = Colors[(i + 1 + (i % 3)) % 5];
        string caption = $"a {front.Name} {(i % 2 == 0 ? "circle" : "square")} on a {back.Name} ground{(i % 3 == 0 ? ", photographed in the evening light from a balcony above the square, with a long shadow that falls to the left and a second, paler one to the right" : string.Empty)}.";
        TextRun[] runs = i == 4
            ? [new(RunKind.Text, "دائرة حمراء على أرض زرقاء")]
            : [new(RunKind.Text, caption)];
        return new CombinedContent(
            [new("pixel_values", new PictureContent(Draw(i, front, back))), new("input_ids", new TokenContent(new(runs, 0)))]);
    }

    private static Picture Draw(int i, (string Name, int Red, int Green, int Blue) front, (string Name, int Red, int Green, int Blue) back)
    {
        const int Side = 112;
        byte[] pixels = new byte[Side * Side * 3];
        for (int p = 0; p < Side * Side; p++)
        {
            int x = (p % Side) - (Side / 2), y = (p / Side) - (Side / 2);
            bool inside = i % 2 == 0 ? (x * x) + (y * y) < 900 + (i * 20) : Math.Max(Math.Abs(x), Math.Abs(y)) < 28 + (i % 7);
            (_, int red, int green, int blue) = inside ? front : back;
            int shade = (y / 3) - 10;
            (pixels[3 * p], pixels[(3 * p) + 1], pixels[(3 * p) + 2]) = (Byte(red + shade), Byte(green + shade), Byte(blue + shade));
        }

        return new Picture(Side, Side, 3, pixels);

        static byte Byte(int value) => (byte)Math.Clamp(value, 0, 255);
    }

    private static TokenText Runs(params TextRun[] runs) => new(runs, 0);
}
