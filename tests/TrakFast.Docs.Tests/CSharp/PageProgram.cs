using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TrakFast.Docs.Tests.CSharp;

/// <summary>
/// A program of a page: a block of C# with using directives, and those after it that have none. It is compiled as a reader
/// would compile it, with the implicit usings of the SDK; what a page leaves to its reader, such as a trained network, is a
/// member of <see cref="StandIns"/>.
/// </summary>
internal sealed class PageProgram
{
    private const string Implicit = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using static TrakFast.Docs.Tests.CSharp.StandIns;
        """;

    private static readonly Lazy<IReadOnlyList<MetadataReference>> References = new(static () =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(System.IO.Path.PathSeparator)
            .Select(static file => MetadataReference.CreateFromFile(file))]);

    private readonly IReadOnlyList<PageBlock> _blocks;

    private PageProgram(IReadOnlyList<PageBlock> blocks) => _blocks = blocks;

    /// <summary>The programs of all pages.</summary>
    public static IReadOnlyList<PageProgram> All { get; } = [.. Page.All.SelectMany(Of)];

    /// <summary>Path of its page.</summary>
    public string Path => _blocks[0].Page;

    /// <summary>Its code.</summary>
    public string Text => string.Join("\n\n", _blocks.Select(static block => block.Text));

    /// <summary>Compiles the program.</summary>
    /// <returns>The assembly, which has an entry point unless the program is types alone.</returns>
    /// <exception cref="AssertionException">The compiler has an error or a warning; both are shown with their line on the page.</exception>
    public Assembly Compile()
    {
        CSharpParseOptions options = new(LanguageVersion.Preview);
        List<UsingDirectiveSyntax> usings = [];
        List<MemberDeclarationSyntax> statements = [], types = [];
        foreach (PageBlock block in _blocks)
        {
            // The compiler counts lines as the page does.
            SyntaxTree tree = CSharpSyntaxTree.ParseText($"#line {block.Line + 1} \"{block.Page}\"\n{block.Text}\n", options);
            CompilationUnitSyntax unit = tree.GetCompilationUnitRoot();
            Refuse(tree.GetDiagnostics());
            usings.AddRange(unit.Usings);
            foreach (MemberDeclarationSyntax member in unit.Members) (member is GlobalStatementSyntax ? statements : types).Add(member);
        }

        CompilationUnitSyntax program = SyntaxFactory.CompilationUnit().AddUsings([.. usings]).AddMembers([.. statements, .. types]);
        CSharpCompilation compilation = CSharpCompilation.Create(
            $"Page{Guid.NewGuid():N}",
            [CSharpSyntaxTree.ParseText(program.ToFullString(), options, ToString()), CSharpSyntaxTree.ParseText(Implicit, options)],
            References.Value,
            new CSharpCompilationOptions(
                statements.Count > 0 ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
                nullableContextOptions: NullableContextOptions.Enable));
        using MemoryStream image = new();
        Refuse(compilation.Emit(image).Diagnostics);
        return Assembly.Load(image.ToArray());
    }

    /// <summary>Compiles the program and runs it in the current directory.</summary>
    /// <returns>What it printed, line by line.</returns>
    public string[] Run()
    {
        MethodInfo entry = Compile().EntryPoint ?? throw new AssertionException($"{this} has no statements to run.");
        TextWriter before = Console.Out;
        StringWriter output = new();
        Console.SetOut(output);
        try
        {
            entry.Invoke(
                null, BindingFlags.DoNotWrapExceptions, null, entry.GetParameters().Length == 0 ? null : [Array.Empty<string>()], null);
        }
        finally
        {
            Console.SetOut(before);
        }

        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{_blocks[0]}";

    private static IEnumerable<PageProgram> Of(Page page)
    {
        List<PageBlock> blocks = [];
        foreach (PageBlock block in page.Blocks.Where(static block => block.Language == "csharp"))
        {
            if (blocks.Count > 0 && CSharpSyntaxTree.ParseText(block.Text).GetCompilationUnitRoot().Usings.Count > 0)
            {
                yield return new PageProgram(blocks);
                blocks = [];
            }

            blocks.Add(block);
        }

        if (blocks.Count > 0) yield return new PageProgram(blocks);
    }

    private static void Refuse(IEnumerable<Diagnostic> diagnostics)
    {
        Diagnostic[] wrong = [.. diagnostics.Where(static d => d.Severity >= DiagnosticSeverity.Warning)];
        if (wrong.Length > 0) throw new AssertionException(string.Join('\n', wrong.Select(static d => d.ToString())));
    }
}
