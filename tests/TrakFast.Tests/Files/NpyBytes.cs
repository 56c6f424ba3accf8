using System.Buffers.Binary;
using System.Text;

namespace TrakFast.Tests.Files;

/// <summary>NPY files put together by hand.</summary>
internal static class NpyBytes
{
    public static byte[] Make(int version, string header, params byte[] data)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] length = new byte[version == 1 ? 2 : 4];
        if (version == 1) BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)text.Length);
        else BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)text.Length);
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. text, .. data];
    }

    public static string Header(string type, string shape, string fortran = "False") =>
        $"{{'descr': '{type}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n";
}
