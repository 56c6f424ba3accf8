using static TorchSharp.torch;

namespace TrakFast.TorchSharp.Sample;

/// <summary>Captions of three words for pictures of digits, and their tokens.</summary>
internal static class Captions
{
    /// <summary>Words of a caption T.</summary>
    public const int Length = 3;

    private static readonly string[] Openings = ["a handwritten", "the digit", "a small"];
    private static readonly string[] Numbers = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    private static readonly string[] Words = [.. Openings.SelectMany(static o => o.Split(' ')).Distinct(), .. Numbers];

    /// <summary>Words there are.</summary>
    public static int VocabularySize => Words.Length;

    /// <summary>The caption of a picture.</summary>
    public static string Of(long label, long index) => $"{Openings[index % Openings.Length]} {Numbers[label]}";

    /// <summary>Token ids [n, T] of the captions of a set.</summary>
    public static Tensor Tokens(DigitSet set) => tensor(
        [.. Enumerable.Range(0, (int)set.Count)
            .SelectMany(i => Of(set.LabelOf(i), i).Split(' '))
            .Select(static word => (long)Array.IndexOf(Words, word))]).reshape(-1, Length);
}
