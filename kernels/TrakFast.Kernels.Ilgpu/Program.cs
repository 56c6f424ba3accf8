using TrakFast.Kernels;

// TrakFast.Kernels.Ilgpu FOLDER    writes one PTX file a kernel, those of tests and benchmarks alone into FOLDER/Benchmark, and
//                                  removes the files of kernels that are no more.
if (args is not [string folder])
{
    Console.Error.WriteLine("The folder for the PTX files is missing.");
    return 2;
}

HashSet<string> written = [];
foreach (KernelEntry kernel in KernelEntry.All.Values.OrderBy(kernel => kernel.Name, StringComparer.Ordinal))
{
    string file = Path.GetFullPath(kernel.File, Path.GetFullPath(folder));
    Directory.CreateDirectory(Path.GetDirectoryName(file)!);
    File.WriteAllText(file, PtxCompiler.Compile(kernel));
    written.Add(file);
    Console.WriteLine(kernel.File);
}

foreach (string old in Directory.GetFiles(folder, "*.ptx", SearchOption.AllDirectories)
    .Where(file => !written.Contains(Path.GetFullPath(file))))
    File.Delete(old);
return 0;
