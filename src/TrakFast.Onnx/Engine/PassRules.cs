namespace TrakFast.Onnx;

/// <summary>What every engine asks of a forward pass, and says where it is not so.</summary>
internal static class PassRules
{
    /// <summary>Throws where the backward pass would be wrong, or what it needs is not there.</summary>
    /// <param name="sameWeights">Whether the weights are still those of the forward pass.</param>
    /// <param name="walkedBack">Whether the pass was walked back before.</param>
    /// <param name="kept">The parameters that it ran for.</param>
    /// <param name="asked">The parameters asked for now.</param>
    /// <exception cref="InvalidOperationException">One of them is so.</exception>
    public static void Check(bool sameWeights, bool walkedBack, ParameterSelection kept, ParameterSelection asked)
    {
        if (!sameWeights) throw new InvalidOperationException("The weights were replaced between forward and backward.");
        if (walkedBack) throw WalkedBack();
        if (asked.Parameters.FirstOrDefault(p => !kept.Contains(p.Name)) is { } missing)
            throw new InvalidOperationException($"The gradient of {missing.Name} was not asked for when the forward pass ran.");
    }

    /// <summary>The error of an output that is not there.</summary>
    public static TrakException NoOutput(string name, IEnumerable<string> names) => new($"The model has no output '{name}'; it has {string.Join(", ", names)}.");

    /// <summary>The error of a second walk back.</summary>
    public static InvalidOperationException WalkedBack() => new("The forward pass was walked back already, and freed what it kept on the way.");
}
