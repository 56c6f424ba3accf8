using System.Buffers.Binary;
using System.Text;

namespace TrakFast.Datasets;

/// <summary>
/// SentencePiece's compiled rules (precompiled_charsmap): a double-array trie over UTF-8 bytes and the texts that its
/// entries are replaced by.
/// </summary>
internal sealed class CharacterMap
{
    private readonly uint[] _units;
    private readonly byte[] _texts;
    private readonly Dictionary<int, int[]> _replacements = [];
    private readonly Lock _gate = new();

    private CharacterMap(uint[] units, byte[] texts)
    {
        _units = units;
        _texts = texts;
    }

    /// <summary>Reads the rules.</summary>
    /// <param name="bytes">Number of bytes of the trie, the trie, the texts with a zero after each.</param>
    /// <exception cref="InputException">The trie is longer than the bytes.</exception>
    public static CharacterMap Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8) throw new InputException($"precompiled_charsmap has {bytes.Length} bytes, too few for rules.");
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (size > bytes.Length - 4 || size < 4)
            throw new InputException($"precompiled_charsmap has {bytes.Length} bytes, of which its trie would take {size}.");
        uint[] units = new uint[size / 4];
        for (int i = 0; i < units.Length; i++) units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + (4 * i))..]);
        return new CharacterMap(units, bytes[(4 + (4 * units.Length))..].ToArray());
    }

    /// <summary>The code points that the shortest prefix with a rule is replaced by; null without one.</summary>
    public int[]? Shortest(ReadOnlySpan<char> text) => Find(text, longest: false, out int value) > 0 ? Replacement(value) : null;

    /// <summary>The longest prefix with a rule.</summary>
    /// <param name="text">A text.</param>
    /// <param name="replacement">The code points that the prefix is replaced by.</param>
    /// <returns>Number of UTF-16 characters of the prefix, 0 without one.</returns>
    public int Longest(ReadOnlySpan<char> text, out int[] replacement)
    {
        int length = Find(text, longest: true, out int value);
        replacement = length > 0 ? Replacement(value) : [];
        return length;
    }

    private int Find(ReadOnlySpan<char> text, bool longest, out int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        uint node = Offset(_units[0]);
        int found = 0;
        value = 0;
        for (int i = 0; i < text.Length;)
        {
            int c = CodePoints.At(text, i, out int chars);
            if (c is 0 or (>= 0xD800 and <= 0xDFFF)) break;
            int count = new Rune(c).EncodeToUtf8(bytes);
            i += chars;
            for (int k = 0; k < count; k++)
            {
                node ^= bytes[k];
                if (node >= _units.Length) return found;
                uint unit = _units[node];
                if ((unit & ((1u << 31) | 0xFF)) != bytes[k]) return found;
                node ^= Offset(unit);
                if ((unit >> 8 & 1) == 0) continue;
                if (node >= _units.Length) return found;
                value = (int)(_units[node] & int.MaxValue);
                found = i;
                if (!longest) return found;
            }
        }

        return found;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & (1u << 9)) >> 6);

    private int[] Replacement(int index)
    {
        lock (_gate)
        {
            if (_replacements.TryGetValue(index, out int[]? known)) return known;
            ReadOnlySpan<byte> rest = index < _texts.Length ? _texts.AsSpan(index) : default;
            int end = rest.IndexOf((byte)0);
            int[] result = CodePoints.Of(Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]));
            _replacements.Add(index, result);
            return result;
        }
    }
}
