using System.Text.Json;
using TrakFast.Cli.Engines;
using TrakFast.Kernels;

namespace TrakFast.Cli.Tests.Support;

/// <summary>A temporary directory with a fixture's files, to be damaged at will, and the command lines that use them.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly string _task;
    private readonly string[] _arrays;

    public Workspace(string fixture = "mlp")
    {
        Root = Directory.CreateTempSubdirectory("trakfast-tool-").FullName;
        foreach (string file in Directory.GetFiles(FixturePath(fixture))
            .Where(static file => !Path.GetFileName(file).StartsWith("expected", StringComparison.Ordinal)))
            File.Copy(file, this[Path.GetFileName(file)]);
        _arrays = [.. Directory.GetFiles(Root, "train.*.npy")
            .Select(static file => Path.GetFileName(file).Split('.')[1])
            .Order(StringComparer.Ordinal)];
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(this["case.json"]));
        _task = document.RootElement.GetProperty("task").GetString()!;
    }

    /// <summary>The directory.</summary>
    public string Root { get; }

    /// <summary>The save directory of <see cref="Run"/>.</summary>
    public string Save => this["save"];

    /// <summary>The path of a file or directory in it.</summary>
    public string this[params string[] parts] => Path.Combine([Root, .. parts]);

    /// <summary>Where a fixture lies.</summary>
    public static string FixturePath(params string[] parts) => Path.Combine([AppContext.BaseDirectory, "fixtures", .. parts]);

    /// <summary>The scores MadryLab/trak computed for a fixture, [n, m].</summary>
    public static float[] ExpectedScores(string fixture) => NpyFile.Read(FixturePath(fixture, "expected.trak_scores.npy")).ToFloats();

    /// <summary>
    /// <c>run</c> on the fixture's files. Options given replace those used otherwise; <c>without</c> names one to leave out.
    /// </summary>
    public ToolResult Run(
        string changes = "", string without = "", CancellationToken cancellationToken = default, ITorchEngine? torch = null) =>
        ToolResult.Of(RunArguments(changes, without), cancellationToken, torch);

    /// <summary>The arguments of <see cref="Run"/>.</summary>
    public string[] RunArguments(string changes = "", string without = "")
    {
        Dictionary<string, string[]> options = Options(
            $"--task {_task} --model {this["model.onnx"]} --checkpoint "
            + $"{this["checkpoint_0.safetensors"]} {this["checkpoint_1.safetensors"]} "
            + $"--train {Arrays("train")} --target {Arrays("target")} --save-dir {Save} --projection-dim 32 --threads 2");
        foreach ((string option, string[] values) in Options(changes)) options[option] = values;
        options.Remove(without);
        return ["run", .. options.SelectMany(static o => o.Value.Prepend(o.Key))];
    }

    /// <summary><c>top</c> on the save directory.</summary>
    public ToolResult Top(string more = "") =>
        ToolResult.Of([.. $"top --save-dir {Save} {more}".Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

    /// <summary><c>report</c> on the save directory, into <c>report.html</c>.</summary>
    public ToolResult Report(string changes = "")
    {
        Dictionary<string, string[]> options = Options(
            $"--save-dir {Save} --train image={this["train.image.npy"]} label={this["train.label.npy"]} "
            + $"--target image={this["target.image.npy"]} label={this["target.label.npy"]} --output {this["report.html"]}");
        foreach ((string option, string[] values) in Options(changes)) options[option] = values;
        return ToolResult.Of(["report", .. options.SelectMany(static o => o.Value.Prepend(o.Key))]);
    }

    /// <summary>The scores in the save directory, [n, m].</summary>
    public float[] Scores(string experiment = "default") => NpyFile.Read(this["save", "scores", $"{experiment}.mmap"]).ToFloats();

    /// <summary>Replaces a file's array by what <paramref name="change"/> makes of it.</summary>
    public void ChangeArray(string name, Func<DataArray, DataArray> change) => NpyFile.Write(this[name], change(NpyFile.Read(this[name])));

    /// <summary>Sets some elements of a float32 or int64 array.</summary>
    public void SetElements(string name, params (int Position, double Value)[] elements) => ChangeArray(name, array =>
    {
        if (array.Type == ElementType.Int64)
        {
            long[] numbers = array.ToLongs();
            foreach ((int position, double value) in elements) numbers[position] = (long)value;
            return DataArray.From(numbers, [.. array.Shape]);
        }

        float[] values = array.ToFloats();
        foreach ((int position, double value) in elements) values[position] = (float)value;
        return DataArray.From(values, [.. array.Shape]);
    });

    /// <summary>Changes the tensors of a checkpoint.</summary>
    public void ChangeCheckpoint(string name, Action<Dictionary<string, DataArray>> change)
    {
        Dictionary<string, DataArray> tensors = new(SafetensorsFile.Read(this[name]).Tensors);
        change(tensors);
        SafetensorsFile.Write(this[name], tensors);
    }

    /// <summary>Changes a file's bytes.</summary>
    public void ChangeBytes(string name, Func<byte[], byte[]> change) =>
        File.WriteAllBytes(this[name], change(File.ReadAllBytes(this[name])));

    /// <summary><see cref="Run"/>, asserting that it is refused with one sentence of these parts and leaves nothing behind.</summary>
    public void AssertRefused(string changes, params string[] parts)
    {
        Run(changes).AssertFailed(parts);
        Assert.That(Directory.Exists(Save), Is.False, "the save directory was left");
        Assert.That(Unfinished(), Is.Empty);
    }

    /// <summary>Files that were begun and not finished.</summary>
    public string[] Unfinished() => Directory.GetFiles(Root, "*.part", SearchOption.AllDirectories);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>A set's arrays as <c>run</c> takes them.</summary>
    private string Arrays(string set) => string.Join(' ', _arrays.Select(array => $"{array}={this[$"{set}.{array}.npy"]}"));

    private static Dictionary<string, string[]> Options(string text)
    {
        Dictionary<string, string[]> options = [];
        string option = string.Empty;
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.StartsWith("--", StringComparison.Ordinal)) options[option = word] = [];
            else options[option] = [.. options[option], word];
        }

        return options;
    }
}
