namespace TrakFast;

/// <summary>Truth values on disk are bytes; anything but 0 and 1 would be undefined behavior as a <see cref="bool"/>.</summary>
internal static class TruthValues
{
    /// <summary>Checks that every byte is 0 or 1.</summary>
    /// <exception cref="InputException">One is not.</exception>
    public static void Check(ReadOnlySpan<byte> bytes, string name)
    {
        int wrong = bytes.IndexOfAnyExceptInRange((byte)0, (byte)1);
        if (wrong >= 0)
            throw new InputException($"{name} holds {bytes[wrong]} at element {wrong} of an array of truth values, which are 0 or 1.");
    }
}
