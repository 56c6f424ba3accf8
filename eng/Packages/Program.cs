using TrakFast.Packages;

// Packages docs ASSEMBLY DOCS OUTPUT    writes the documentation of what users of an assembly see; every pack does this
// Packages check FOLDER ROOT            opens every package of a folder, made in the clone ROOT, and fails where one is not fit to publish
switch (args)
{
    case ["docs", string assembly, string docs, string output]:
        PublicDocs.Write(assembly, docs, output);
        return 0;

    case ["check", string folder, string root]:
        string[] faults = [.. PackageCheck.Run(folder, root)];
        foreach (string fault in faults) Console.Error.WriteLine(fault);
        if (faults.Length > 0) return 1;
        foreach (FileInfo file in new DirectoryInfo(folder).GetFiles().OrderBy(static file => file.Name, StringComparer.Ordinal))
            Console.WriteLine(FormattableString.Invariant($"{file.Name,-50} {file.Length,12:N0} bytes"));

        return 0;

    default:
        Console.Error.WriteLine("Usage: Packages docs ASSEMBLY DOCS OUTPUT, or Packages check FOLDER ROOT.");
        return 2;
}
