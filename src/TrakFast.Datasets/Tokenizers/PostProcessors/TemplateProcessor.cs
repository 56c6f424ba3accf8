namespace TrakFast.Datasets;

/// <summary>A part of a template.</summary>
/// <param name="Sequence">0 or 1 for a sequence, −1 for added tokens.</param>
/// <param name="Ids">The tokens that are added.</param>
/// <param name="TypeId">Their type, or the sequence's.</param>
internal readonly record struct TemplatePart(int Sequence, IReadOnlyList<int> Ids, int TypeId);

/// <summary>Puts sequences and added tokens together as a template says.</summary>
internal sealed class TemplateProcessor(IReadOnlyList<TemplatePart> single, IReadOnlyList<TemplatePart> pair) : PostProcessor
{
    /// <inheritdoc/>
    public override int Added(bool pair1) => (pair1 ? pair : single).Sum(static p => p.Ids.Count);

    /// <inheritdoc/>
    public override List<List<EncodedToken>> Apply(List<List<EncodedToken>> sequences, bool addSpecial)
    {
        List<List<EncodedToken>> result = [];
        foreach (TemplatePart part in sequences.Count > 1 ? pair : single)
        {
            if (part.Sequence >= 0) result.Add(WithType(sequences[part.Sequence], part.TypeId));
            else if (addSpecial) result.Add([.. part.Ids.Select(id => Special(id, part.TypeId))]);
        }

        return result;
    }
}
