using TrakFast.Kernels;

// TrakFast.Kernels.Ilgpu FOLDER    writes one PTX file a kernel and removes the files of kernels that are no more.
if (args is not [string folder])
{
    Console.Error.WriteLine("The folder for the PTX files is missing.");
    return 2;
}

Directory.CreateDirectory(folder);
foreach (string old in Directory.EnumerateFiles(folder, "*.ptx").Where(file => !KernelEntry.All.ContainsKey(Path.GetFileNameWithoutExtension(file)))) File.Delete(old);
foreach (KernelEntry kernel in KernelEntry.All.Values.OrderBy(kernel => kernel.Name, StringComparer.Ordinal))
{
    File.WriteAllText(Path.Combine(folder, kernel.Name + ".ptx"), PtxCompiler.Compile(kernel));
    Console.WriteLine(kernel.Name);
}

return 0;
