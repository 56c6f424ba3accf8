namespace TrakFast.Datasets;

/// <summary>How pixels are resampled, with PIL's numbers.</summary>
public enum PictureResampling
{
    /// <summary>The nearest pixel.</summary>
    Nearest = 0,

    /// <summary>A windowed sinc over three pixels to each side.</summary>
    Lanczos = 1,

    /// <summary>Linear, over one pixel to each side.</summary>
    Bilinear = 2,

    /// <summary>Cubic with a = −0.5, over two pixels to each side.</summary>
    Bicubic = 3,

    /// <summary>The mean of the pixels covered.</summary>
    Box = 4,

    /// <summary>Hamming's window, over one pixel to each side.</summary>
    Hamming = 5,
}
