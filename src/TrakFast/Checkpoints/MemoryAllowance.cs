namespace TrakFast;

/// <summary>
/// What reading a file may take of memory: a multiple of the file's size, so that a few bytes that promise a lot (an expanded view, a
/// compressed entry of zeros) are refused before anything is allocated.
/// </summary>
/// <param name="path">What errors call the file.</param>
/// <param name="length">Bytes of the file.</param>
internal sealed class MemoryAllowance(string path, long length)
{
    private const int Multiple = 16;
    private const long Always = 4 << 20;
    private readonly long _most = length > (long.MaxValue - Always) / Multiple ? long.MaxValue : (length * Multiple) + Always;
    private long _taken;

    /// <summary>Takes some for something.</summary>
    /// <param name="bytes">How much; 0 or more.</param>
    /// <param name="what">What for, as the beginning of a sentence's predicate: <c>tensor 'w'</c>.</param>
    /// <exception cref="CheckpointException">It is more than is left, or than an array in memory can have.</exception>
    public void Take(long bytes, string what)
    {
        if (bytes > Array.MaxLength)
            throw new CheckpointException(
                $"{path}: {what} takes {bytes} bytes, more than the {Array.MaxLength} of an array in memory.");
        if (bytes > _most - _taken)
            throw new CheckpointException(
                $"{path}: {what} takes {bytes} bytes, and with it the file's {length} bytes would take more than {_most} in memory; "
                + "write the weights out in full (tensor.contiguous(), a ZIP without compression).");
        _taken += bytes;
    }
}
