using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace TrakFast.Packages;

/// <summary>Looks for what must not be published: hollow packages, machine paths, native libraries, comments on what nobody sees.</summary>
internal sealed partial class PackageCheck
{
    private const string Repository = "https://github.com/trakfast/trakfast";

    private readonly AssemblyCheck _assemblies;
    private readonly string _folder;

    private PackageCheck(string folder, string root)
    {
        _folder = folder;
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        IEnumerable<string> folders = new[] { Path.GetFullPath(root), home }.Select(static path => path.TrimEnd('/', '\\'));
        string[] machine = [.. from path in folders where path.Length > 1 from separator in new[] { '/', '\\' } select path + separator];
        string ptx = Path.Combine(root, "kernels", "TrakFast.Kernels.Cuda", "Ptx");
        _assemblies = new AssemblyCheck(machine, [.. Directory.GetFiles(ptx, "*.ptx").Select(static file => Path.GetFileName(file))]);
    }

    /// <summary>The faults of all packages of a folder, each with the package's name.</summary>
    /// <param name="folder">The packages.</param>
    /// <param name="root">The folder of the clone that they were made in.</param>
    public static IEnumerable<string> Run(string folder, string root)
    {
        PackageFile[] packages = [.. Directory.GetFiles(folder, "*.nupkg").Select(static path => new PackageFile(path))];
        string[] versions = [.. packages.Select(static package => package.Value("version")).Distinct()];
        if (versions.Length != 1)
            return [$"{folder} has packages of {versions.Length} versions, not of one: {string.Join(", ", versions)}."];

        PackageCheck check = new(folder, root);
        Dictionary<string, PackageFile> found = packages.ToDictionary(static package => package.Value("id"));
        IEnumerable<string> strange = found.Keys.Except(ExpectedPackage.All.Select(static package => package.Id));
        return
        [
            .. from id in strange select $"{id} is not a package that ships.",
            .. from package in ExpectedPackage.All where !found.ContainsKey(package.Id) select $"{package.Id} was not packed.",
            .. from package in ExpectedPackage.All
               where found.ContainsKey(package.Id)
               from fault in check.Package(found[package.Id], package)
               select $"{found[package.Id].Name}: {fault}.",
        ];
    }

    private IEnumerable<string> Package(PackageFile package, ExpectedPackage expected) =>
    [
        .. Description(package), .. Readme(package), .. Dependencies(package, expected), .. Files(package, expected), .. Paths(package),
        .. expected.Command is { } command ? Tool(package, expected, command) : Library(package, expected),
    ];

    // What the package says of itself.
    private static IEnumerable<string> Description(PackageFile package)
    {
        foreach (string name in new[] { "authors", "description", "copyright", "tags", "releaseNotes" })
        {
            if (package.Value(name).Length == 0) yield return $"it has no {name}";
        }

        if (package.Value("license") != "MIT" || package.Attribute("license", "type") != "expression")
            yield return "its license is not the expression MIT";
        if (package.Value("projectUrl") != Repository) yield return $"its projectUrl is not {Repository}";
        if (package.Attribute("repository", "url") != Repository || package.Attribute("repository", "type") != "git")
            yield return $"its repository is not {Repository}, of type git";
        if (!package.Has(package.Value("icon"))) yield return "it has no icon";
    }

    // Its page shows the README, from where only absolute links lead anywhere.
    private static IEnumerable<string> Readme(PackageFile package)
    {
        string readme = package.Value("readme");
        if (!package.Has(readme) || package.Text(readme).Length < 200)
        {
            yield return "it has no README";
            yield break;
        }

        foreach (Match link in RelativeLink().Matches(package.Text(readme)))
            yield return $"its README links to {link.Groups[1].Value}, which nobody finds from the package's page";
    }

    private static IEnumerable<string> Dependencies(PackageFile package, ExpectedPackage expected)
    {
        string[] found = [.. package.Dependencies.Select(static dependency => dependency.Id).Order(StringComparer.Ordinal)];
        string[] wanted = [.. expected.Dependencies.Order(StringComparer.Ordinal)];
        if (!found.SequenceEqual(wanted)) yield return $"it depends on {List(found)}, not on {List(wanted)}";
        foreach ((string id, string version) in package.Dependencies)
        {
            if (id.StartsWith("TrakFast", StringComparison.Ordinal) && version != package.Value("version"))
                yield return $"it depends on {id} {version}, not on its own version";
        }

        static string List(string[] names) => names.Length == 0 ? "nothing" : string.Join(", ", names);
    }

    private static IEnumerable<string> Files(PackageFile package, ExpectedPackage expected)
    {
        string[] wanted = [.. expected.Files.Select(file => expected.Content + file)];
        foreach (string path in wanted.Where(path => !package.Has(path))) yield return $"it lacks {path}";
        IEnumerable<string> found = package.Paths.Where(static path => !IsPackaging(path));
        foreach (string path in found.Except([.. wanted, package.Value("icon"), package.Value("readme")]))
            yield return $"it has {path}, which is no part of it";

        static bool IsPackaging(string path) =>
            path is "[Content_Types].xml" || path.EndsWith(".nuspec", StringComparison.Ordinal)
            || path.Split('/')[0] is "_rels" or "package";
    }

    private IEnumerable<string> Paths(PackageFile package) =>
        from path in package.Paths
        where Path.GetExtension(path) is ".nuspec" or ".md" or ".json" or ".xml" or ".rels" or ".psmdcp"
        from fault in _assemblies.Paths(path, package.Bytes(path).AsSpan())
        select fault;

    private IEnumerable<string> Library(PackageFile package, ExpectedPackage expected)
    {
        string stem = expected.Content + expected.Id, dll = stem + ".dll", xml = stem + ".xml", pdb = stem + ".pdb";
        if (!package.Has(dll) || !package.Has(xml)) return [];
        PublicSurface surface = new(package.Bytes(dll));
        HashSet<string> ids = [.. PublicDocs.Ids(new MemoryStream(Encoding.UTF8.GetBytes(package.Text(xml))))];
        string symbols = Path.Combine(_folder, Path.ChangeExtension(package.Name, ".snupkg"));
        PackageFile? symbolPackage = File.Exists(symbols) ? new PackageFile(symbols) : null;
        return
        [
            .. _assemblies.Assembly(expected.Id, package.Bytes(dll)),
            .. surface.Types.Count == 0 ? ["nothing in it is public"] : Array.Empty<string>(),
            .. from id in ids where !surface.Has(id) select $"its documentation has {id}, which nobody sees",
            .. from type in surface.Types where !ids.Contains($"T:{type}") select $"its documentation lacks the type {type}",
            .. symbolPackage is not null && symbolPackage.Has(pdb)
                ? _assemblies.Symbols(expected.Id, package.Bytes(dll), symbolPackage.Bytes(pdb))
                : ["it has no symbol package"],
        ];
    }

    private IEnumerable<string> Tool(PackageFile package, ExpectedPackage expected, string command)
    {
        if (package.Attribute("packageType", "name") != "DotnetTool") yield return "it is not a tool";
        string settings = expected.Content + "DotnetToolSettings.xml";
        if (package.Has(settings))
        {
            XElement found = XDocument.Parse(package.Text(settings)).Descendants("Command").Single();
            string? name = (string?)found.Attribute("Name"), entry = (string?)found.Attribute("EntryPoint");
            if (name != command) yield return $"its command is {name}, not {command}";
            if (entry != $"{expected.Id}.dll") yield return $"its command runs {entry}, not {expected.Id}.dll";
        }

        foreach (string name in expected.Own!.Append(expected.Id))
        {
            string dll = $"{expected.Content}{name}.dll", pdb = $"{expected.Content}{name}.pdb";
            if (!package.Has(dll) || !package.Has(pdb)) continue;
            foreach (string fault in _assemblies.Assembly(name, package.Bytes(dll))) yield return fault;
            foreach (string fault in _assemblies.Symbols(name, package.Bytes(dll), package.Bytes(pdb))) yield return fault;
        }
    }

    [GeneratedRegex(@"\]\((?!https://|#)([^)]*)\)")]
    private static partial Regex RelativeLink();
}
