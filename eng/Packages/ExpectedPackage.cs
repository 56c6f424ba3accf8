namespace TrakFast.Packages;

/// <summary>What a package must be.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Dependencies">The packages that a library depends on. A tool depends on none and holds its assemblies.</param>
/// <param name="Command">The command of a tool; null for a library.</param>
/// <param name="Own">Assemblies of this repository in a tool, beside that of the tool's name.</param>
/// <param name="Foreign">Other assemblies in a tool, and native libraries by their path in it.</param>
internal sealed record ExpectedPackage(
    string Id, string[] Dependencies, string? Command = null, string[]? Own = null, string[]? Foreign = null)
{
    private static readonly string[] CliAssemblies = ["TrakFast", "TrakFast.Datasets", "TrakFast.Kernels", "TrakFast.Kernels.Cuda", "TrakFast.Onnx"];

    // What decodes pictures, 5 to 15 MB for each system: one package serves all of them.
    private static readonly string[] SkiaSharpNative =
    [
        "runtimes/linux-arm/native/libSkiaSharp.so", "runtimes/linux-arm64/native/libSkiaSharp.so",
        "runtimes/linux-musl-x64/native/libSkiaSharp.so", "runtimes/linux-x64/native/libSkiaSharp.so",
        "runtimes/osx/native/libSkiaSharp.dylib", "runtimes/win-arm64/native/libSkiaSharp.dll",
        "runtimes/win-x64/native/libSkiaSharp.dll", "runtimes/win-x86/native/libSkiaSharp.dll",
    ];

    private static readonly string[] CliForeign =
    [
        "CommunityToolkit.HighPerformance.dll", "CsvHelper.dll", "Google.Protobuf.dll", "K4os.Compression.LZ4.dll",
        "Microsoft.Extensions.DependencyInjection.Abstractions.dll", "Microsoft.Extensions.Logging.Abstractions.dll",
        "Microsoft.IO.RecyclableMemoryStream.dll", "Microsoft.ML.Tokenizers.dll", "Parquet.dll", "SkiaSharp.dll", "Snappier.dll",
        "Spectre.Console.dll", "System.CommandLine.dll", "System.IO.Hashing.dll", "System.Numerics.Tensors.dll", "ZstdSharp.dll",
        .. SkiaSharpNative,
    ];

    // TorchSharp's own library, 2 MB for each system that it runs on: one package serves all of them. Of libtorch nothing is here.
    private static readonly string[] TorchSharpNative =
    [
        "runtimes/linux-x64/native/libLibTorchSharp.so", "runtimes/osx-arm64/native/libLibTorchSharp.dylib",
        "runtimes/win-arm64/native/LibTorchSharp.dll", "runtimes/win-x64/native/LibTorchSharp.dll",
    ];

    /// <summary>Every package that ships.</summary>
    public static ExpectedPackage[] All { get; } =
    [
        new("TrakFast.Kernels", ["System.Numerics.Tensors"]),
        new("TrakFast.Kernels.Cuda", ["TrakFast.Kernels"]),
        new("TrakFast", ["Microsoft.Extensions.Logging.Abstractions", "System.IO.Hashing", "TrakFast.Kernels"]),
        new(
            "TrakFast.Datasets",
            ["CsvHelper", "Microsoft.ML.Tokenizers", "Parquet.Net", "SkiaSharp", "SkiaSharp.NativeAssets.Linux.NoDependencies", "TrakFast"]),
        new("TrakFast.ML", ["Microsoft.ML", "Microsoft.ML.ImageAnalytics", "TrakFast.Datasets"]),
        new("TrakFast.Onnx", ["Google.Protobuf", "TrakFast"]),
        new("TrakFast.TorchSharp", ["TorchSharp", "TrakFast"]),
        new("TrakFast.Onnx.TorchSharp", ["TrakFast.Onnx", "TrakFast.TorchSharp"]),
        new("TrakFast.Cli", [], "trakfast", CliAssemblies, CliForeign),
        new(
            "TrakFast.Cli.TorchSharp", [], "trakfast-torch",
            [.. CliAssemblies, "TrakFast.Cli", "TrakFast.Onnx.TorchSharp", "TrakFast.TorchSharp"],
            [.. CliForeign, "ICSharpCode.SharpZipLib.dll", "TorchSharp.dll", .. TorchSharpNative]),
    ];

    /// <summary>The folder of the package that holds what it is made for.</summary>
    public string Content => Command is null ? "lib/net10.0/" : "tools/net10.0/any/";

    /// <summary>The files of that folder.</summary>
    public IEnumerable<string> Files => Command is null
        ? [$"{Id}.dll", $"{Id}.xml"]
        : [
            "DotnetToolSettings.xml", $"{Id}.deps.json", $"{Id}.runtimeconfig.json", .. Foreign!,
            .. Own!.Append(Id).SelectMany(static name => new[] { $"{name}.dll", $"{name}.pdb" }),
        ];
}
