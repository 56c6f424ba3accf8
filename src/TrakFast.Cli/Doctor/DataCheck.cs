using System.Globalization;
using TrakFast.Cli.Arguments;
using TrakFast.Cli.Consoles;
using TrakFast.Cli.Data;
using TrakFast.Cli.Formatting;
using TrakFast.Cli.Vocabularies;
using TrakFast.Datasets;
using TrakFast.Kernels;
using TrakFast.Onnx;

namespace TrakFast.Cli.Doctor;

/// <summary>Shows the first rows of a source as people see them and, where the model is known, as it will read them.</summary>
/// <param name="sources">Files or folders of rows.</param>
/// <param name="choice">How rows become examples.</param>
/// <param name="model">The model's file, or null.</param>
internal sealed class DataCheck(IReadOnlyList<string> sources, DataChoice choice, string? model)
{
    private const int ShownRows = 5, ShownTokens = 12, CellCharacters = 60;

    /// <summary>Writes the tables.</summary>
    /// <returns>One example's shape of each array, for what the model's file leaves open.</returns>
    /// <exception cref="TrakException">The source cannot be read, or does not fit the model.</exception>
    public IReadOnlyList<NamedShape> Write(ToolConsole console, CancellationToken cancellationToken)
    {
        DataOptions options = choice.ToOptions();
        using OpenRows open = new(RowSources.Open(sources));
        if (choice.Overlap is { } overlap) open.Rows = ChunkedSource.Of(open.Rows, options, overlap);
        RowSource rows = open.Rows;
        ToolTable facts = new("Data", rows.Name);
        facts.Add("Examples", NumberText.Of(rows.Count));
        facts.Add("Columns", string.Join(", ", rows.Columns));
        RowView view = new(rows, options);
        if (rows is FolderSource { Classes.Count: > 0 } folder) facts.Add("Classes", Listed(folder.Classes));
        if (rows is FolderSource { OtherFiles: > 0 } with) facts.Add("Passed over", $"{NumberText.Of(with.OtherFiles)} files that are no pictures");
        console.Table(facts);
        console.Line();

        int count = (int)Math.Min(ShownRows, rows.Count);
        ToolTable first = new(["Row", .. view.HasLabels ? new[] { "Label" } : [], "Content"]) { CutsLastColumn = true };
        for (int row = 0; row < count; row++)
        {
            ShownRow shown = view.Read(row);
            string content = string.Join(" · ", new[]
            {
                shown.Picture is { } picture ? $"{picture.Width}×{picture.Height} {(picture.IsGray ? "gray" : "color")}, {rows.Where(row)}" : null,
                shown.Text, shown.Pair,
            }.OfType<string>());
            if (content.Length == 0) content = RowValues.Text(rows, row);
            first.Add([$"{row}", .. view.HasLabels ? new[] { shown.Label ?? "—" } : [], VisibleText.OnOneLine(content)]);
        }

        console.Table(first);
        console.Line();
        if (model is null) return [];

        OnnxGraph graph = OnnxFile.Read(model);
        ModelInput[] inputs = [.. graph.Inputs.Select(static i => new ModelInput(i.Name, i.Type, i.Shape))];
        ExamplePlan plan = ExamplePlan.Make(inputs, view.HasLabels ? Kind(rows, options)
            : LabelKind.None, rows, null, options, cancellationToken);
        ToolTable arrays = new("Array", "Made of");
        foreach ((string array, string text) in plan.Lines) arrays.Add(array, text);
        console.Table(arrays);
        console.Line();
        using SourceDataset set = new(open.Release(), plan.Fields);
        Batch batch = set.Read(0, count);
        ToolTable read = new(["Array", .. Enumerable.Range(0, count).Select(static row => $"Row {row}")]);
        foreach (string name in set.Names) read.Add([name, .. Enumerable.Range(0, count).Select(row => Summary(batch[name].Rows(row, 1)))]);
        console.Table(read);
        console.Line();
        return [.. plan.Fields.SelectMany(static f => f.Arrays).Where(a => inputs.Any(i => i.Name == a.Name)).Select(static a =>
            new NamedShape(a.Name, a.Shape))];
    }

    // Several columns of labels are values; one is a class unless it holds fractions.
    private static LabelKind Kind(RowSource rows, DataOptions options)
    {
        IReadOnlyList<string> columns = new ColumnRoles(rows, options.Columns).LabelColumns;
        return columns.Count > 1 || (rows.Read(0, columns)[0] is double number && number != Math.Floor(number)) ? LabelKind.Values
            : LabelKind.Classes;
    }

    private static string Listed(IReadOnlyList<string> names) =>
        $"{string.Join(", ", names.Take(20).Select(static (n, i) => $"{i} {n}"))}{(names.Count > 20 ? $", … {names.Count} in all" : "")}";

    private static string Summary(DataArray values)
    {
        if (!values.Type.IsFloat())
        {
            long[] whole = values.ToLongs();
            return string.Join(' ', whole.Take(ShownTokens).Select(static v => v.ToString(CultureInfo.InvariantCulture)))
                + (whole.Length > ShownTokens ? " …" : "");
        }

        float[] numbers = values.ToFloats();
        if (numbers.Length <= 4) return string.Join(' ', numbers.Select(static v => v.ToString("G4", CultureInfo.InvariantCulture)));
        string text = string.Create(CultureInfo.InvariantCulture, $"{numbers.Min():G3} to {numbers.Max():G3}, mean {numbers.Average():G3}");
        return text.Length > CellCharacters ? text[..CellCharacters] : text;
    }

    /// <summary>Rows that are disposed unless someone else owns them.</summary>
    private sealed class OpenRows(RowSource rows) : IDisposable
    {
        private bool _isOwned = true;

        public RowSource Rows { get; set; } = rows;

        public RowSource Release()
        {
            _isOwned = false;
            return Rows;
        }

        public void Dispose()
        {
            if (_isOwned) Rows.Dispose();
        }
    }
}
