using System.Globalization;
using System.Text.Json;

namespace TrakFast.Cli.Vocabularies;

/// <summary>
/// The forms a vocabulary has in JSON: an object of token → id or id → text, an array in the order of the ids, and
/// HuggingFace's <c>tokenizer.json</c>; of a model's <c>config.json</c>, its <c>id2label</c>.
/// </summary>
internal static class TokenJson
{
    /// <summary>Reads whichever form the file has.</summary>
    /// <exception cref="TrakException">It has none of them, or an id is no whole number from 0, or belongs to two entries.</exception>
    public static TokenList Read(string path, JsonElement root)
    {
        Reader reader = new(path);
        if (Property(root, "model", JsonValueKind.Object) is { } model)
            reader.Tokenizer(model, Property(root, "added_tokens", JsonValueKind.Array));
        else reader.Vocabulary(Property(root, "id2label", JsonValueKind.Object) ?? root);
        return new TokenList(path, reader.Entries, reader.Special);
    }

    private static JsonElement? Property(JsonElement parent, string name, JsonValueKind kind) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == kind
            ? value
            : null;

    private sealed class Reader(string path)
    {
        public Dictionary<long, string> Entries { get; } = [];

        public HashSet<long> Special { get; } = [];

        public void Tokenizer(JsonElement model, JsonElement? added)
        {
            if (!model.TryGetProperty("vocab", out JsonElement vocabulary))
                throw new TrakException($"{path} has a 'model' without a 'vocab'; a tokenizer.json has its tokens there.");
            Vocabulary(vocabulary);
            if (added is not { } tokens) return;
            foreach (JsonElement token in tokens.EnumerateArray())
            {
                if (Property(token, "content", JsonValueKind.String) is not { } content
                    || Property(token, "id", JsonValueKind.Number) is not { } number)
                    throw new TrakException($"{path} has an entry of 'added_tokens' without a 'content' and an 'id'.");
                long id = Id(content.GetString()!, number);
                Entries[id] = content.GetString()!; // what was added later stands in the place of what was there
                if (Property(token, "special", JsonValueKind.True) is not null) Special.Add(id);
            }
        }

        public void Vocabulary(JsonElement vocabulary)
        {
            switch (vocabulary.ValueKind)
            {
                case JsonValueKind.Object: Object(vocabulary); break;
                case JsonValueKind.Array: Array(vocabulary); break;
                default: throw Unknown($"holds a JSON {vocabulary.ValueKind}");
            }
        }

        private void Object(JsonElement vocabulary)
        {
            foreach (JsonProperty entry in vocabulary.EnumerateObject())
            {
                switch (entry.Value.ValueKind)
                {
                    case JsonValueKind.Number: Add(Id(entry.Name, entry.Value), entry.Name); break;
                    case JsonValueKind.String when IsId(entry.Name, out long id): Add(id, entry.Value.GetString()!); break;
                    default: throw Unknown($"gives '{Shorten(entry.Name)}' a JSON {entry.Value.ValueKind}");
                }
            }
        }

        // Unigram models have pairs of a token and its score.
        private void Array(JsonElement vocabulary)
        {
            long id = 0;
            foreach (JsonElement entry in vocabulary.EnumerateArray())
            {
                JsonElement text = entry.ValueKind == JsonValueKind.Array && entry.GetArrayLength() > 0 ? entry[0] : entry;
                if (text.ValueKind != JsonValueKind.String) throw Unknown($"has a JSON {text.ValueKind} at place {id}");
                Add(id++, text.GetString()!);
            }
        }

        private void Add(long id, string text)
        {
            if (!Entries.TryAdd(id, text) && Entries[id] != text)
                throw new TrakException(
                    $"{path} gives the id {id} to both '{Shorten(Entries[id])}' and '{Shorten(text)}'; an id belongs to one entry.");
        }

        private long Id(string text, JsonElement number) => number.TryGetInt32(out int id) && id >= 0
            ? id
            : throw new TrakException(
                $"{path} gives '{Shorten(text)}' the id {Shorten(number.GetRawText())}; ids are whole numbers from 0 to {int.MaxValue}.");

        private static bool IsId(string text, out long id)
        {
            bool isId = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
            id = number;
            return isId;
        }

        private TrakException Unknown(string what) =>
            new($"{path} {what}, where an object of token and id, an array of tokens, or a tokenizer.json is wanted.");
    }

    private static string Shorten(string text) => VisibleText.Of(text.Length <= 40 ? text : text[..40] + "…");
}
