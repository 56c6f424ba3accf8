namespace TrakFast;

/// <summary>
/// Which names a pickle may hold. None of them is ever looked up or called, so a class of the program that wrote the file stays an
/// inert record. A name with which a pickle could have run or reached something is refused all the same: whoever has such a file
/// should know, before other programs open it.
/// </summary>
internal static class PickleNames
{
    private static readonly HashSet<string> _builtins = new(StringComparer.Ordinal)
    {
        "set", "frozenset", "list", "dict", "tuple", "complex", "bytearray", "bytes", "slice", "range", "int", "float", "bool", "str",
        "object", "type", "Ellipsis", "NotImplemented", "unicode", "long", "getattr",
    };

    // Whole modules, by their first part.
    private static readonly HashSet<string> _refused = new(StringComparer.Ordinal)
    {
        "os", "posix", "nt", "posixpath", "ntpath", "subprocess", "_posixsubprocess", "sys", "importlib", "imp", "socket", "_socket",
        "shutil", "runpy", "ctypes", "_ctypes", "pickle", "_pickle", "cPickle", "pickletools", "marshal", "multiprocessing", "pty",
        "popen2", "webbrowser", "codeop", "operator", "_operator", "types", "inspect", "pydoc", "timeit", "bdb",
        "pdb", "trace", "cProfile", "profile", "asyncio", "http", "httplib", "urllib", "urllib2", "ftplib", "smtplib", "telnetlib",
        "xmlrpc", "requests", "aiohttp", "httpx", "tempfile", "fileinput", "io", "_io", "codecs", "signal", "threading", "_thread", "thread",
        "dill", "cloudpickle", "joblib", "shelve", "pkgutil", "pip", "ensurepip", "venv", "zipimport", "zipfile", "tarfile", "mmap",
        "fcntl", "resource", "gc", "atexit", "sqlite3", "ssl", "select", "selectors", "socketserver", "doctest",
        "unittest", "nose", "IPython", "cffi", "pexpect", "paramiko",
    };

    // By any module's name: what runs code is often reached through another module.
    private static readonly HashSet<string> _calls = new(StringComparer.Ordinal)
    {
        "builtins", "__builtins__", "__import__", "eval", "exec", "execfile", "compile", "system", "popen", "Popen", "getoutput",
        "InteractiveInterpreter", "InteractiveConsole", "interact",
    };

    private static readonly string[] _refusedParts =
    [
        "torch.hub", "torch.load", "torch.save", "torch.jit", "torch.serialization.load", "torch.serialization.save", "torch.package",
        "torch.utils.cpp_extension", "torch.utils.model_zoo", "torch.utils._config_module", "torch.utils.bottleneck",
        "torch.utils.collect_env", "torch.distributed.rpc", "torch.multiprocessing", "torch._inductor", "torch.storage._load_from_bytes",
        "numpy.load", "numpy.loadtxt", "numpy.fromfile", "numpy.memmap", "numpy.save", "numpy.savez", "numpy.savetxt", "numpy.testing",
        "numpy.f2py", "numpy.distutils", "numpy.ctypeslib", "numpy.core._internal", "pandas.read_pickle", "pandas.io",
    ];

    /// <summary>Refuses a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="path">What errors call the file.</param>
    /// <exception cref="CheckpointException">It could run or reach something.</exception>
    public static void Check(PickleGlobal name, string path)
    {
        if (!IsAllowed(name))
            throw new CheckpointException(
                $"{path} asks for '{WeightNames.Short(name.ToString())}'{Meaning(name)}, which no weights need, and which could run a program or reach beyond the file; "
                + "nothing of it was run. Do not open the file with anything else unless you know who wrote it.");
    }

    /// <summary>Refuses an attribute that a pickle asks an object for, unless it is a plain member of a class by its name.</summary>
    /// <param name="arguments">What <c>getattr</c> would have been called with.</param>
    /// <param name="path">What errors call the file.</param>
    public static void CheckAttribute(object? arguments, string path)
    {
        if (arguments is PickleTuple { Items: [PickleGlobal { Module: not ("builtins" or "__builtin__") }, string member] }
            && !member.StartsWith('_'))
            return;
        throw new CheckpointException(
            $"{path} asks for 'builtins.getattr' of something other than a class's member, which no weights need, and which could run "
            + "a program or reach beyond the file; nothing of it was run.");
    }

    private static bool IsAllowed(PickleGlobal name)
    {
        if (name.Module is "builtins" or "__builtin__" or "exceptions") return _builtins.Contains(name.Name);
        string[] module = name.Module.Split('.'), parts = name.Name.Split('.');
        if (name is { Module: "types", Name: "SimpleNamespace" }) return true;
        if (_refused.Contains(module[0])) return false;

        // A name with dots reaches through a module into what that has imported.
        if (parts.Length > 1 && parts.Any(static p => _refused.Contains(p) || p.StartsWith("__", StringComparison.Ordinal))) return false;
        if (parts.Any(_calls.Contains)) return false;
        string full = name.ToString();
        return !_refusedParts.Any(r => full == r || (full.StartsWith(r, StringComparison.Ordinal) && full[r.Length] == '.'));
    }

    // The names under which os is imported on each system.
    private static string Meaning(PickleGlobal name) => 
        name.Module is "posix" or "nt" ? $" (os.{WeightNames.Short(name.Name)})" : string.Empty;
}
