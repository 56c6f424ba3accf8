namespace TrakFast.Cli.Tests.Support;

/// <summary>Ways in which a file goes wrong: flipped bits, stray bytes, extreme numbers, missing and repeated stretches.</summary>
internal static class Mutation
{
    private static readonly long[] Extremes =
        [0, -1, 1, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, uint.MaxValue, 1L << 40, 0x7FC00000, 0x7F800000];

    /// <summary>A damaged copy, the same for the same random numbers.</summary>
    public static byte[] Of(byte[] good, Random random)
    {
        byte[] bad = [.. good];

        // One in two has a single bit flipped: files that are damaged worse seldom get past their header.
        if (random.Next(2) == 0)
        {
            bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            return bad;
        }

        for (int times = random.Next(1, 4); times > 0; times--) bad = Once(bad, random);
        return bad;
    }

    private static byte[] Once(byte[] bytes, Random random)
    {
        if (bytes.Length == 0) return [(byte)random.Next(256)];
        int at = random.Next(bytes.Length), length = random.Next(1, Math.Min(16, bytes.Length) + 1);
        int end = Math.Min(at + length, bytes.Length);
        switch (random.Next(10))
        {
            case 0: return bytes[..at];
            case 1: return [.. bytes[..at], .. bytes[end..]];
            case 2: return [.. bytes[..end], .. bytes[at..]];
            case 3:
                byte[] stray = new byte[length];
                random.NextBytes(stray);
                return [.. bytes[..at], .. stray, .. bytes[at..]];
            case 4:
                BitConverter.GetBytes(Extremes[random.Next(Extremes.Length)]).AsSpan(0, Math.Min(8, bytes.Length - at))
                    .CopyTo(bytes.AsSpan(at));
                return bytes;
            case 5: bytes[at] = (byte)random.Next(256); return bytes;
            case 6:
                // A digit for a digit, where headers and JSON have their numbers.
                int digit = Array.FindIndex(bytes, at, static b => b is >= (byte)'0' and <= (byte)'9');
                if (digit >= 0) bytes[digit] = (byte)('0' + random.Next(10));
                return bytes;
            default: bytes[at] ^= (byte)(1 << random.Next(8)); return bytes;
        }
    }
}
