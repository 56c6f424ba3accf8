namespace TrakFast.Kernels;

/// <summary>Chooses how a <see cref="ConvolutionBlock"/> is cut: by the number of channels that an output sees.</summary>
internal static class ConvolutionTiles
{
    public static TileSource Of(ConvolutionBlock block) =>
        PatchRaster.Of(block.Geometry).Depthwise ? new DepthwiseTiles(block)
        : Simd.Avx512 ? Of<GemmKernel512<float>>(block)
        : Simd.Avx256 ? Of<GemmKernel256<float>>(block)
        : Simd.Vectors ? Of<GemmKernel128<float>>(block)
        : Of<GemmKernelScalar<float>>(block);

    private static TileSource Of<TKernel>(ConvolutionBlock block)
        where TKernel : struct, IGemmKernel<float> =>
        PatchRaster.Of(block.Geometry).Lanes % 8 == 0 ? new ChannelTiles<TKernel>(block) : new PatchTiles<TKernel>(block);
}
