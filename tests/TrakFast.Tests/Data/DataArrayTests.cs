using TrakFast.Kernels;

namespace TrakFast.Tests.Data;

/// <summary>Arrays of every element type, and no type passing for another.</summary>
public sealed class DataArrayTests
{
    private static readonly (DataArray Array, float[] Expected)[] Arrays =
    [
        (DataArray.From([1.5f, -2f], 2), [1.5f, -2]),
        (DataArray.From([1.5, -2.0], 2), [1.5f, -2]),
        (DataArray.From([(Half)1.5f, (Half)(-2f)], 2), [1.5f, -2]),
        (DataArray.FromBFloat16([0x3FC0, 0xC000], 2), [1.5f, -2]),
        (DataArray.From([3L, -2], 2), [3, -2]),
        (DataArray.From([3, -2], 2), [3, -2]),
        (DataArray.From([(sbyte)3, (sbyte)-2], 2), [3, -2]),
        (DataArray.From([(byte)3, (byte)254], 2), [3, 254]),
        (DataArray.From([true, false], 2), [1, 0]),
    ];

    [Test]
    public void EveryElementTypeHasAWayIn()
    {
        Assert.That(Arrays.Select(static a => a.Array.Type), Is.EquivalentTo(Enum.GetValues<ElementType>()));
        foreach ((DataArray array, float[] expected) in Arrays) Assert.That(array.ToFloats(), Is.EqualTo(expected), array.ToString());
    }

    [Test]
    public void ValuesOfAnotherTypeAreRefused()
    {
        int taken = 0;
        foreach ((DataArray array, _) in Arrays)
        {
            taken += Takes<float>(array) + Takes<double>(array) + Takes<Half>(array) + Takes<ushort>(array) + Takes<long>(array)
                + Takes<int>(array) + Takes<sbyte>(array) + Takes<byte>(array) + Takes<bool>(array) + Takes<char>(array);
        }

        Assert.That(taken, Is.EqualTo(Arrays.Length), "each array by its own type alone");
        Assert.That(
            () => Arrays[4].Array.Values<float>().Length,
            Throws.InstanceOf<InputException>().With.Message.Contains("Int64 [2]").And.Message.Contains("Single"));

        static int Takes<T>(DataArray array)
            where T : unmanaged
        {
            try
            {
                return array.Values<T>().Length / 2;
            }
            catch (InputException)
            {
                return 0;
            }
        }
    }
}
