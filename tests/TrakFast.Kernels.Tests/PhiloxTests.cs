namespace TrakFast.Kernels.Tests;

internal sealed unsafe class PhiloxTests
{
    // Random123's kat_vectors for philox4x32 with 10 rounds.
    [TestCase(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [TestCase(
        0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [TestCase(
        0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void KnownAnswers(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint x, uint y, uint z, uint w) =>
        Assert.That(Philox.Block(c0, c1, c2, c3, k0, k1), Is.EqualTo((x, y, z, w)));

    [Test]
    public void FillIsBlockForEveryCountAndAcrossThe32BitBoundary()
    {
        uint[] words = new uint[(4 * 70) + Philox.Slack];
        foreach (long coordinate in new[] { 0, 5, (1L << 32) - 9, (1L << 40) + 3 })
        {
            for (int count = 0; count <= 70; count++)
            {
                Array.Clear(words);
                fixed (uint* target = words) Philox.Fill(11, 22, coordinate, 1, count, 33, 44, target);
                for (int i = 0; i < count; i++)
                {
                    ulong c = (ulong)(coordinate + i);
                    (uint, uint, uint, uint) actual = (words[4 * i], words[(4 * i) + 1], words[(4 * i) + 2], words[(4 * i) + 3]);
                    Assert.That(
                        actual, Is.EqualTo(Philox.Block((uint)c, (uint)(c >> 32), 33, 44, 11, 22)), $"{coordinate} + {i} of {count}");
                }
            }
        }
    }

    [Test]
    public void UniformsStayInsideTheUnitInterval()
    {
        Assert.That(RandomEntries.Uniform(0), Is.EqualTo(0.5f / 4294967296f));
        Assert.That(RandomEntries.Uniform(uint.MaxValue), Is.LessThan(1f).And.GreaterThan(0.9999f));
    }

    [Test]
    public void GaussianEntriesHaveTheMomentsOfTheNormalDistribution()
    {
        double m1 = 0, m2 = 0, m4 = 0;
        const int Count = 40_000;
        for (int i = 0; i < Count; i++)
        {
            double x = RandomEntries.Gaussian(3, 4, i / 8, i % 8);
            m1 += x / Count;
            m2 += x * x / Count;
            m4 += x * x * x * x / Count;
        }

        Assert.That(m1, Is.EqualTo(0).Within(0.02));
        Assert.That(m2, Is.EqualTo(1).Within(0.03));
        Assert.That(m4, Is.EqualTo(3).Within(0.2));
    }
}
