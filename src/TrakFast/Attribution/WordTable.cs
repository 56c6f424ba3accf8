using System.Diagnostics.CodeAnalysis;

namespace TrakFast;

/// <summary>The words of one vocabulary: what values are called on a command line, in a save directory and in the documentation.</summary>
/// <typeparam name="T">What the words stand for.</typeparam>
public sealed class WordTable<T>
    where T : struct
{
    private readonly string _what;
    private readonly (T Value, string Word)[] _entries;

    internal WordTable(string what, params (T Value, string Word)[] entries) => (_what, _entries) = (what, entries);

    /// <summary>All words, the default's first.</summary>
    public IReadOnlyList<string> Words => [.. _entries.Select(static e => e.Word)];

    /// <summary>All values, in the order of <see cref="Words"/>.</summary>
    public IReadOnlyList<T> Values => [.. _entries.Select(static e => e.Value)];

    /// <summary>The word of a value.</summary>
    /// <exception cref="TrakException">The value has no word.</exception>
    public string Word(T value)
    {
        foreach ((T known, string word) in _entries)
        {
            if (EqualityComparer<T>.Default.Equals(known, value)) return word;
        }

        throw new TrakException($"There is no {_what} {value}; there are {List}.");
    }

    /// <summary>Looks a word up.</summary>
    /// <returns>Whether there is such a word.</returns>
    public bool TryParse([NotNullWhen(true)] string? word, out T value)
    {
        foreach ((T known, string text) in _entries)
        {
            if (text != word) continue;
            value = known;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>The value of a word.</summary>
    /// <exception cref="TrakException">There is no such word.</exception>
    public T Parse(string word) =>
        TryParse(word, out T value) ? value : throw new TrakException($"There is no {_what} '{word}'; there are {List}.");

    private string List => string.Join(", ", _entries.Select(static e => e.Word));
}
