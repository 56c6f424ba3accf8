// dotnet cake                        Build and Test
// dotnet cake --target=Quickstart    the whole story on the embedded digits data
// dotnet cake --target=Bench         kernel benchmarks, with their rivals
// dotnet cake --target=Fuzz          100,000 damaged models, checkpoints, pictures, tables and tokenizers each, which must work or be refused (TRAKFAST_FUZZ=seed:first:count for others)
// dotnet cake --target=Ptx           the CUDA kernels' PTX files from their C# sources; needs ILGPU from NuGet, and no GPU
// dotnet cake --target=Pack          NuGet packages into artifacts/packages; fails where one is not fit to publish
// dotnet cake --target=Docs          the pages of docs/ and the API reference as a site, into artifacts/site

var target = Argument("target", "Default");
var configuration = Argument("configuration", "Release");
var solution = File("TrakFast.sln");

Task("Build")
    .Does(() => DotNetBuild(solution, new DotNetBuildSettings { Configuration = configuration }));

Task("Test")
    .IsDependentOn("Build")
    .Does(() => DotNetTest(solution, new DotNetTestSettings { Configuration = configuration, NoBuild = true }));

Task("Quickstart")
    .Does(() => DotNetRun("src/TrakFast.Cli", "quickstart", new DotNetRunSettings { Configuration = "Release" }));

Task("Bench")
    .Does(() => DotNetRun("benchmarks/TrakFast.Benchmarks", "--filter *", new DotNetRunSettings { Configuration = "Release" }));

Task("Fuzz")
    .DoesForEach(
        new[] { "tests/TrakFast.Tests", "tests/TrakFast.Datasets.Tests", "tests/TrakFast.Onnx.Tests" },
        project => DotNetTest(project, new DotNetTestSettings
        {
            Configuration = "Release",
            Filter = "TestCategory=Fuzz",
            Loggers = new[] { "console;verbosity=detailed" },
            ArgumentCustomization = static args => args.Append("-- NUnit.ExplicitMode=Relaxed"),
        }));

Task("Ptx")
    .Does(() => DotNetRun("kernels/TrakFast.Kernels.Ilgpu", "kernels/TrakFast.Kernels.Cuda/Ptx", new DotNetRunSettings { Configuration = "Release" }));

Task("Docs")
    .Does(() =>
    {
        // Pages of types that are gone would stay.
        CleanDirectories(new[] { "artifacts/api", "artifacts/site" });
        DotNetTool("docfx", new DotNetToolSettings { ArgumentCustomization = static args => args.Append("docs/docfx.json --warningsAsErrors") });
    });

Task("Pack")
    .Does(() =>
    {
        CleanDirectory("artifacts/packages");
        DotNetPack(solution, new DotNetPackSettings { Configuration = "Release", OutputDirectory = "artifacts/packages" });
        DotNetRun("eng/Packages", "check artifacts/packages .", new DotNetRunSettings { Configuration = "Release" });
    });

Task("Default")
    .IsDependentOn("Build")
    .IsDependentOn("Test");

RunTarget(target);
