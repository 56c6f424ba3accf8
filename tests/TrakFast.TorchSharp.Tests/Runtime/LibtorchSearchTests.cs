using TorchSharp;

namespace TrakFast.TorchSharp.Tests.Runtime;

/// <summary>Where libtorch is looked for, and which folders are refused.</summary>
public sealed class LibtorchSearchTests
{
    private LibtorchFolders _folders = null!;

    [SetUp]
    public void MakeFolders() => _folders = new LibtorchFolders();

    [TearDown]
    public void RemoveFolders() => _folders.Dispose();

    [Test]
    public void AnOptionWinsOverTheVariable()
    {
        string option = _folders.Add("option"), variable = _folders.Add("variable");
        Assert.That(Find(option, variable)!.Path, Is.EqualTo(option));
        Assert.That(Find(option, "/nowhere")!.Path, Is.EqualTo(option));
        Assert.That(Find(null, variable)!.Path, Is.EqualTo(variable));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase(" ")]
    public void WithoutAChoiceTheProgramsOwnIsTaken(string? variable)
    {
        string[] searched = [_folders["first"], _folders["second"]];
        Assert.That(Find(null, variable, searched), Is.Null, "left to the system");
        string beside = _folders.Add("libtorch");
        Assert.That(Find(null, variable, searched)!.Path, Is.EqualTo(beside));
        _folders.Add("second");
        Assert.That(Find(null, variable, searched)!.Path, Is.EqualTo(searched[1]), "what TorchSharp finds by itself comes first");
        _folders.Add("first");
        Assert.That(Find(null, variable, searched)!.Path, Is.EqualTo(searched[0]));
    }

    [TestCase("c10")]
    [TestCase("torch_cpu")]
    [TestCase("torch")]
    public void AChosenFolderIsTheOnlyPlaceLookedIn(string library)
    {
        string chosen = _folders.Add("chosen", without: library);
        _folders.Add("libtorch");
        string searched = _folders.Add("second");
        foreach ((string? option, string? variable) in new (string?, string?)[] { (chosen, null), (null, chosen) })
        {
            TrakException refusal = Assert.Throws<TrakException>(() => Find(option, variable, searched))!;
            Assert.That(refusal.Message, Does.Contain(chosen).And.Contain(NativeFiles.Name(library)).And.EndWith("."));
            Assert.That(refusal.Message, variable is null ? Does.Not.Contain("TRAKFAST_LIBTORCH") : Does.Contain("TRAKFAST_LIBTORCH"));
        }
    }

    [TestCase("")]
    [TestCase("nowhere")]
    public void AFolderThatIsNotThereIsRefused(string name)
    {
        TrakException refusal = Assert.Throws<TrakException>(() => TorchLibrary.UseFolder(name.Length == 0 ? name : _folders[name]))!;
        Assert.That(refusal.Message, Does.Contain(name).And.EndWith("."));
    }

    [TestCase("torch/lib", "version.py", "# PyTorch\n__version__ = '{0}'\ndebug = False\n", "2.6.0+cu124")]
    [TestCase("torch/lib", "version.py", "__version__ = \"{0}\"\n", "2.1.0")]
    [TestCase("libtorch/lib", "build-version", "{0}\n", "2.11.0+cpu")]
    public void AnotherVersionIsRefusedByItsNumber(string name, string file, string text, string version)
    {
        string chosen = _folders.Add(name);
        _folders.AddFile(name.Split('/')[0], file, string.Format(null, text, version));
        TrakException refusal = Assert.Throws<TrakException>(() => Find(chosen, null))!;
        Assert.That(refusal.Message, Does.Contain(chosen).And.Contain($"libtorch {version}").And.EndWith("."));
        Assert.That(refusal.Message, Does.Contain($"libtorch {LibtorchSearch.NeededVersion}"));
        refusal = Assert.Throws<TrakException>(() => Find(null, chosen))!;
        Assert.That(refusal.Message, Does.Contain(version).And.Contain("TRAKFAST_LIBTORCH"));
    }

    [TestCase("torch/lib", "version.py", "__version__ = '2.10.0+cu128'")]
    [TestCase("torch/lib", "version.py", "no version here")]
    [TestCase("libtorch/lib", "build-version", "2.10.1")]
    [TestCase("someone/lib", "version.py", "__version__ = '1.0'")]
    public void AVersionThatFitsOrIsNotSaidIsTaken(string name, string file, string text)
    {
        string chosen = _folders.Add(name);
        _folders.AddFile(name.Split('/')[0], file, text);
        Assert.That(Find(chosen, null)!.Path, Is.EqualTo(chosen));
    }

    [Test]
    public void ASecondLibtorchInTheProgramIsRefused()
    {
        string chosen = _folders.Add("chosen"), program = _folders.Add("second");
        TrakException refusal = Assert.Throws<TrakException>(() => Find(chosen, null, program))!;
        Assert.That(refusal.Message, Does.Contain(chosen).And.Contain(program).And.EndWith("."));
        Assert.That(Find(program, null, program)!.Path, Is.EqualTo(program), "its own may be named");
    }

    [Test]
    public void LibrariesComeBehindThoseThatTheyNeed()
    {
        LibtorchFolder folder = new(_folders.Add("cpu"));
        Assert.That(folder.Files.Select(Path.GetFileName), Is.EqualTo(Names("c10", "torch_cpu", "torch")));
        foreach (string library in Names("torch_cuda", "c10_cuda")) _folders.AddFile("cpu", library);
        Assert.That(folder.Files.Select(Path.GetFileName), Is.EqualTo(Names("c10", "c10_cuda", "torch_cpu", "torch_cuda", "torch")));
    }

    [Test]
    public void FilesThatAreNoLibrariesAreRefusedByTheLoadersOwnWords()
    {
        string chosen = _folders.Add("chosen");
        TrakException refusal = Assert.Throws<TrakException>(() => LibtorchLoader.Load(new LibtorchFolder(chosen)))!;
        Assert.That(refusal.Message, Does.Contain(chosen).And.Contain(NativeFiles.Name("c10")).And.EndWith(".").And.Not.Contain("\n"));
    }

    [Test]
    public void TheVersionNeededIsTheOneThatTorchSharpNames()
    {
        TorchLibrary.Require();
        Assert.That(LibtorchSearch.Fits(torch.__version__), torch.__version__);
        Assert.That(TorchLibrary.IsAvailable(out string detail), Is.True);
        Assert.That(detail, Does.StartWith($"libtorch {LibtorchSearch.NeededVersion}."), "as libtorch itself tells");
    }

    [Test]
    public void AFolderCannotBeChosenOnceLibtorchIsLoaded()
    {
        TorchLibrary.Require();
        string chosen = _folders.Add("chosen");
        TrakException refusal = Assert.Throws<TrakException>(() => TorchLibrary.UseFolder(chosen))!;
        Assert.That(refusal.Message, Does.Contain(chosen).And.Contain("loaded already"));
    }

    private static string[] Names(params string[] libraries) => [.. libraries.Select(NativeFiles.Name)];

    private LibtorchFolder? Find(string? option, string? variable, params string[] searched) =>
        new LibtorchSearch(option, variable, searched, _folders["libtorch"]).Find();
}
