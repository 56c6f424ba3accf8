namespace TrakFast.TorchSharp;

/// <summary>
/// Where libtorch is looked for: in the folder that was chosen and nowhere else; where none was, in the folders in which .NET
/// finds native libraries, then in the program's own <c>libtorch</c>.
/// </summary>
/// <param name="Option">The folder that a caller chose; null for none.</param>
/// <param name="Variable">The value of <see cref="VariableName"/>; an empty one counts as unset.</param>
/// <param name="Searched">The folders in which .NET finds a library that TorchSharp asks for by its name.</param>
/// <param name="Beside">The program's own folder for libtorch.</param>
internal sealed record LibtorchSearch(string? Option, string? Variable, IReadOnlyList<string> Searched, string Beside)
{
    /// <summary>The environment variable that names a folder.</summary>
    public const string VariableName = "TRAKFAST_LIBTORCH";

    /// <summary>The version of libtorch that TorchSharp's library is linked with, as <c>major.minor</c>.</summary>
    public const string NeededVersion = "2.10";

    /// <summary>A folder that a caller chooses, if it can be one.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="choice">How a refusal's sentence begins, where the folder was not given by a call.</param>
    /// <exception cref="TrakException">It does not hold libtorch, or not the version that TorchSharp needs.</exception>
    public static LibtorchFolder Choose(string directory, string choice = "")
    {
        if (string.IsNullOrWhiteSpace(directory))
            throw new TrakException("The name of libtorch's folder is empty; give the folder that holds its libraries.");
        LibtorchFolder folder = new(Path.GetFullPath(directory));
        if (folder.Missing is { } file)
        {
            throw new TrakException($"{choice}{folder.Path} does not hold libtorch: {file} is not there; "
                + $"give the folder with the libraries of libtorch {NeededVersion}, such as a Python installation's torch/lib.");
        }

        if (folder.StatedVersion() is { } version && !Fits(version)) throw WrongVersion($"{choice}{folder.Path}", version);
        return folder;
    }

    /// <summary>The folder to load from; null to leave it to the system's loader, which finds libraries by their names.</summary>
    /// <exception cref="TrakException">The folder that was chosen cannot be taken.</exception>
    public LibtorchFolder? Find()
    {
        string? found = Searched.FirstOrDefault(HasCore);
        LibtorchFolder? chosen = Option is not null ? Choose(Option)
            : string.IsNullOrWhiteSpace(Variable) ? null : Choose(Variable, $"{VariableName} names a wrong folder: ");
        if (chosen is null)
        {
            string? own = found ?? (HasCore(Beside) ? Beside : null);
            return own is null ? null : new LibtorchFolder(own);
        }

        if (found is not null && Real(found) != Real(chosen.Path))
        {
            throw new TrakException($"libtorch cannot be taken from {chosen.Path}, because the program has one in {found}, "
                + "which TorchSharp loads as well; build the program without the package libtorch, or choose no folder.");
        }

        return chosen;
    }

    /// <summary>Whether TorchSharp can use a version of libtorch: its symbols are those of one minor version.</summary>
    public static bool Fits(string version) =>
        version == NeededVersion || version.StartsWith($"{NeededVersion}.", StringComparison.Ordinal);

    /// <summary>The refusal of another version.</summary>
    /// <param name="place">Where libtorch lies.</param>
    /// <param name="version">Its version.</param>
    public static TrakException WrongVersion(string place, string version) =>
        new($"{place} holds libtorch {version}, but TorchSharp {TorchSharpVersion()} needs libtorch {NeededVersion}; "
            + "choose a folder with that version.");

    private static bool HasCore(string folder) => File.Exists(Path.Combine(folder, LibtorchFolder.Core));

    private static string TorchSharpVersion() => typeof(global::TorchSharp.torch).Assembly.GetName().Version!.ToString(3);

    private static string Real(string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return Directory.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
    }
}
