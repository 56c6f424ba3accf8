using TrakFast.Kernels;

namespace TrakFast;

/// <summary>
/// The parameters whose gradient is asked for (TRAK's <c>grad_wrt</c>), chosen before the backward pass so that nothing
/// else is computed. Flat coordinates count the selected parameters only, in the model's order.
/// </summary>
public sealed class ParameterSelection
{
    private readonly Dictionary<string, long> _offsets = new(StringComparer.Ordinal);
    private readonly List<long> _starts = [];

    private ParameterSelection(IReadOnlyList<ModelParameter> parameters)
    {
        Parameters = parameters;
        foreach (ModelParameter parameter in parameters)
        {
            _offsets.Add(parameter.Name, Length);
            _starts.Add(Length);
            Length = checked(Length + parameter.Length);
        }
    }

    /// <summary>The selected parameters, in the model's order.</summary>
    public IReadOnlyList<ModelParameter> Parameters { get; }

    /// <summary>Gradient dimension p: coordinates of all selected parameters.</summary>
    public long Length { get; }

    /// <summary>Selects every parameter of a model.</summary>
    public static ParameterSelection All(IReadOnlyList<ModelParameter> parameters) => new(parameters);

    /// <summary>Selects nothing: for a forward pass that no gradient is wanted of.</summary>
    public static ParameterSelection None { get; } = new([]);

    /// <summary>Selects parameters by patterns.</summary>
    /// <param name="parameters">The model's parameters.</param>
    /// <param name="patterns">
    /// Names; <c>*</c> stands for any characters. What matches one of them is selected, all where there is none, less what matches a
    /// pattern behind <c>!</c>, wherever in the list it stands.
    /// </param>
    /// <exception cref="TrakException">A pattern matches no parameter, or nothing is left.</exception>
    public static ParameterSelection Matching(IReadOnlyList<ModelParameter> parameters, IReadOnlyList<string> patterns)
    {
        if (patterns.Count == 0) return All(parameters);
        foreach (string pattern in patterns)
        {
            if (!parameters.Any(p => Matches(p.Name, Name(pattern))))
                throw new TrakException($"No parameter matches '{Name(pattern)}'; the model has {Names(parameters)}.");
        }

        string[] without = [.. patterns.Where(IsExclusion).Select(Name)], with = [.. patterns.Where(static p => !IsExclusion(p))];
        ModelParameter[] selected = [.. parameters.Where(p =>
            (with.Length == 0 || Array.Exists(with, pattern => Matches(p.Name, pattern)))
            && !Array.Exists(without, pattern => Matches(p.Name, pattern)))];
        return selected.Length > 0
            ? new ParameterSelection(selected)
            : throw new TrakException($"Of the model's parameters {Names(parameters)}, {string.Join(" ", patterns)} leave none.");
    }

    /// <summary>Refuses a selection without a single number.</summary>
    /// <exception cref="TrakException">It is one.</exception>
    public void RequireAny()
    {
        if (Length == 0)
            throw new TrakException(
                "The model has no trainable parameters, so there is no gradient to attribute by; "
                + "save it with its weights as initializers.");
    }

    /// <summary>Whether a parameter is selected.</summary>
    public bool Contains(string name) => _offsets.ContainsKey(name);

    /// <summary>A selected parameter's first coordinate in the selection's flat gradient.</summary>
    public long Offset(string name) => _offsets[name];

    /// <summary>The selected parameter that holds a coordinate, as a matrix: its first axis by the others. A vector is one row.</summary>
    /// <param name="coordinate">A flat coordinate of the selection, from 0 to below <see cref="Length"/>.</param>
    public ParameterMatrix MatrixAt(long coordinate)
    {
        int index = _starts.BinarySearch(coordinate);

        // Parameters without elements share their start with the next one.
        if (index < 0) index = ~index - 1;
        while (Parameters[index].Length == 0) index++;
        ModelParameter parameter = Parameters[index];
        long rows = parameter.Shape.Count < 2 ? 1 : parameter.Shape[0];
        return new ParameterMatrix(_starts[index], rows, parameter.Length / rows);
    }

    private static bool IsExclusion(string pattern) => pattern.StartsWith('!');

    private static string Name(string pattern) => IsExclusion(pattern) ? pattern[1..] : pattern;

    private static bool Matches(string name, string pattern) =>
        System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\"), name, ignoreCase: false);

    private static string Names(IReadOnlyList<ModelParameter> parameters) => parameters.Count <= 12
        ? string.Join(", ", parameters.Select(static p => p.Name))
        : $"{string.Join(", ", parameters.Take(12).Select(static p => p.Name))} and {parameters.Count - 12} more";
}
