namespace TrakFast.Datasets;

/// <summary>What Hugging Face's library takes a character for. The .NET runtime's tables are of another Unicode version.</summary>
internal static class Characters
{
    private const int Cleaned = 1 << 5;
    private const int Nonspacing = 1 << 6;
    private const int Combining = 1 << 7;
    private const int White = 1 << 8;
    private const int Punctuation = 1 << 9;
    private const int Numeric = 1 << 10;
    private const int Word = 1 << 11;

    /// <summary>Bit of the properties: a character of a word to regular expressions.</summary>
    public const int PatternWord = 1 << 12;

    /// <summary>Bit of the properties: [[:punct:]] of regular expressions.</summary>
    public const int PatternPunctuation = 1 << 13;

    /// <summary>Bit of the properties: a space to regular expressions.</summary>
    public const int PatternSpace = 1 << 14;

    private static readonly CharacterTables Tables = CharacterTables.Load();

    /// <summary>The general category, an index into <see cref="CharacterTables.Categories"/>, in the lowest five bits; flags above.</summary>
    public static ReadOnlySpan<ushort> Properties => Tables.Properties;

    /// <summary>Number of the script, 0 where there is none; counted from 1 as in <see cref="ScriptNames"/>.</summary>
    public static ReadOnlySpan<byte> Scripts => Tables.Scripts;

    /// <summary>The script by which texts are split; spaces have none.</summary>
    public static int SplitScript(int c) => Tables.SplitScripts[c];

    /// <summary>Names of the scripts.</summary>
    public static IReadOnlyList<string> ScriptNames => Tables.ScriptNames;

    /// <summary>Pairs of characters, lower-cased or folded, that regular expressions take for one when case does not matter.</summary>
    public static IEnumerable<(int From, int To)> CaseFolds => Tables.CaseFolds();

    /// <summary>Whether BERT's cleaning drops it: a control, format or private character.</summary>
    public static bool IsCleaned(int c) => Has(c, Cleaned);

    /// <summary>Whether BERT's stripping of accents drops it: a nonspacing mark.</summary>
    public static bool IsNonspacing(int c) => Has(c, Nonspacing);

    /// <summary>Whether it is a combining mark.</summary>
    public static bool IsCombining(int c) => Has(c, Combining);

    /// <summary>Whether it is white space.</summary>
    public static bool IsWhite(int c) => Has(c, White);

    /// <summary>Whether it is punctuation, or one of ASCII's symbols.</summary>
    public static bool IsPunctuation(int c) => Has(c, Punctuation);

    /// <summary>Whether it is a number of any kind.</summary>
    public static bool IsNumeric(int c) => Has(c, Numeric);

    /// <summary>Whether it is part of a word.</summary>
    public static bool IsWord(int c) => Has(c, Word);

    /// <summary>The order of a mark's combining class, 0 for a character that is none.</summary>
    public static int CombiningClass(int c) => c < 0x300 ? 0 : Tables.Classes[c];

    /// <summary>The lower-case form, null where that is the character itself.</summary>
    public static int[]? Lower(int c) => Tables.Lower(c);

    /// <summary>The full decomposition, null where that is the character itself; Hangul syllables aside.</summary>
    public static int[]? Decomposition(int c, bool compatible) => Tables.Decomposition(c, compatible);

    /// <summary>The character that two compose to, −1 where they do not; Hangul aside.</summary>
    public static int Composition(int first, int second) => Tables.Composition(first, second);

    private static bool Has(int c, int flag) => (Tables.Properties[c] & flag) != 0;
}
