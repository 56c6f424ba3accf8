namespace TrakFast;

/// <summary>A file within a ZIP archive, as the archive's directory describes it.</summary>
/// <param name="Name">Its path there, with '/'.</param>
/// <param name="Method">0 for stored, 8 for deflated.</param>
/// <param name="IsEncrypted">Whether a password is needed.</param>
/// <param name="Checksum">CRC-32 of what it holds.</param>
/// <param name="Packed">Bytes in the archive.</param>
/// <param name="Length">Bytes of what it holds, as the directory says.</param>
/// <param name="Header">Where its own header begins.</param>
internal sealed record ZipEntry(string Name, int Method, bool IsEncrypted, uint Checksum, long Packed, long Length, long Header);
