using System.IO.Compression;
using System.Text;

namespace TrakFast.Datasets;

/// <summary>The tables of characters.bin, which eng/fixtures/tokenizers/characters.mjs writes.</summary>
internal sealed class CharacterTables
{
    private const int Limit = 0x110000;

    private readonly Dictionary<int, int[]> _lower;
    private readonly Dictionary<int, int[]> _folds;
    private readonly Dictionary<int, int[]> _canonical;
    private readonly Dictionary<int, int[]> _compatible;
    private readonly Dictionary<long, int> _compositions;

    private CharacterTables(byte[] bytes)
    {
        int at = 0;
        Runs(Properties, static v => (ushort)v);
        Runs(Scripts, static v => (byte)v);
        Runs(SplitScripts, static v => (byte)v);
        Runs(Classes, static v => (byte)v);
        string[] names = new string[Number()];
        for (int i = 0; i < names.Length; i++)
        {
            int length = Number();
            names[i] = Encoding.ASCII.GetString(bytes, at, length);
            at += length;
        }

        ScriptNames = names;
        _lower = Map();
        _folds = Map();
        _canonical = Map();
        _compatible = Map();
        _compositions = Map().ToDictionary(static p => Pair(p.Value[0], p.Value[1]), static p => p.Key);

        int Number()
        {
            int value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte b = bytes[at++];
                value |= (b & 127) << shift;
                if (b < 128) return value;
            }
        }

        void Runs<T>(T[] values, Func<int, T> convert)
        {
            int c = 0;
            for (int n = Number(); n > 0; n--)
            {
                int length = Number();
                values.AsSpan(c, length).Fill(convert(Number()));
                c += length;
            }
        }

        Dictionary<int, int[]> Map()
        {
            int count = Number(), c = 0;
            Dictionary<int, int[]> map = new(count);
            for (; count > 0; count--)
            {
                c += Number();
                int[] to = new int[Number()];
                for (int i = 0; i < to.Length; i++) to[i] = Number();
                map.Add(c, to);
            }

            return map;
        }
    }

    /// <summary>General categories by number.</summary>
    public static IReadOnlyList<string> Categories { get; } =
    [
        "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Co", "Cs",
    ];

    /// <summary>General category and flags of every code point.</summary>
    public ushort[] Properties { get; } = new ushort[Limit];

    /// <summary>Script of every code point, counted from 1.</summary>
    public byte[] Scripts { get; } = new byte[Limit];

    /// <summary>Script of every code point as texts are split by scripts, which is another version of Unicode's.</summary>
    public byte[] SplitScripts { get; } = new byte[Limit];

    /// <summary>Order of the combining class of every code point.</summary>
    public byte[] Classes { get; } = new byte[Limit];

    /// <summary>Names of the scripts.</summary>
    public IReadOnlyList<string> ScriptNames { get; }

    /// <summary>Reads the tables that this library carries.</summary>
    public static CharacterTables Load()
    {
        using Stream stream = typeof(CharacterTables).Assembly.GetManifestResourceStream("characters.bin")!;
        using DeflateStream inflated = new(stream, CompressionMode.Decompress);
        using MemoryStream bytes = new();
        inflated.CopyTo(bytes);
        return new CharacterTables(bytes.ToArray());
    }

    /// <summary>The lower-case form, null where that is the character itself.</summary>
    public int[]? Lower(int c) => _lower.GetValueOrDefault(c);

    /// <summary>The full decomposition, null where that is the character itself.</summary>
    public int[]? Decomposition(int c, bool compatible) =>
        compatible && _compatible.TryGetValue(c, out int[]? wide) ? wide : _canonical.GetValueOrDefault(c);

    /// <summary>The character that two compose to, or −1.</summary>
    public int Composition(int first, int second) => _compositions.GetValueOrDefault(Pair(first, second), -1);

    /// <summary>Every character with another one that equals it but for its case.</summary>
    public IEnumerable<(int From, int To)> CaseFolds() =>
        _lower.Concat(_folds).Where(static p => p.Value.Length == 1).Select(static p => (p.Key, p.Value[0]));

    private static long Pair(int first, int second) => ((long)first << 32) | (uint)second;
}
