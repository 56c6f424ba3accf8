using System.Text.Json;
using System.Text.Json.Nodes;

namespace TrakFast.Datasets.Tests;

/// <summary>tests/fixtures/tokenizers: what Hugging Face's library makes of texts.</summary>
internal static class TokenizerFixtures
{
    public static string Folder { get; } = Path.Combine(FixtureFolder.Path, "tokenizers");

    public static IReadOnlyList<string> Texts { get; } = [.. Read("texts.json")["texts"]!.AsArray().Select(static t => (string)t!)];

    public static IReadOnlyList<(string First, string Second)> Pairs { get; } =
        [.. Read("texts.json")["pairs"]!.AsArray().Select(static p => ((string)p![0]!, (string)p[1]!))];

    public static IEnumerable<string> Names => Directory.GetFiles(Folder, "tokenizer.json", SearchOption.AllDirectories)
        .Select(static f => Path.GetFileName(Path.GetDirectoryName(f))!).Order(StringComparer.Ordinal);

    public static JsonNode Read(params string[] path) => JsonNode.Parse(File.ReadAllText(Path.Combine([Folder, .. path])))!;

    public static JsonElement Parse(JsonNode node) => JsonSerializer.SerializeToElement(node);

    public static int[] Numbers(JsonNode? node, int length) =>
        node is null ? new int[length] : [.. node.AsArray().Select(static n => (int)n!)];
}
