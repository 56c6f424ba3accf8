namespace TrakFast.TorchSharp;

/// <summary>The parameters whose gradients are wanted from captured layers, and where they go.</summary>
internal sealed class Targets
{
    private readonly ParameterSelection _selection;
    private readonly HashSet<string> _without;

    public Targets(ParameterSelection selection, HashSet<string> without) => (_selection, _without) = (selection, without);

    /// <summary>A parameter's first coordinate in the selection, or false where it is not wanted.</summary>
    public bool Want(ModelParameter? parameter, out long offset)
    {
        bool wanted = parameter is not null && _selection.Contains(parameter.Name) && !_without.Contains(parameter.Name);
        offset = wanted ? _selection.Offset(parameter!.Name) : 0;
        return wanted;
    }
}
