namespace TrakFast.Datasets;

/// <summary>A picture in a file of its own, which is read when it is looked at.</summary>
/// <param name="Path">The file.</param>
public sealed record PictureFile(string Path);
