namespace TrakFast;

/// <summary>What every engine asks of a forward pass, and says where it is not so.</summary>
public static class PassRules
{
    /// <summary>Throws where the backward pass would be wrong, or what it needs is not there.</summary>
    /// <param name="sameWeights">Whether the weights are still those of the forward pass.</param>
    /// <param name="backpropagated">Whether the pass was backpropagated before.</param>
    /// <param name="kept">The parameters that it ran for.</param>
    /// <param name="asked">The parameters asked for now.</param>
    /// <exception cref="InvalidOperationException">One of them is so.</exception>
    public static void Check(bool sameWeights, bool backpropagated, ParameterSelection kept, ParameterSelection asked)
    {
        if (!sameWeights) throw new InvalidOperationException("The weights were replaced between forward and backward.");
        if (backpropagated) throw BackpropagatedTwice();
        if (asked.Parameters.FirstOrDefault(p => !kept.Contains(p.Name)) is { } missing)
            throw new InvalidOperationException($"The gradient of {missing.Name} was not asked for when the forward pass ran.");
    }

    /// <summary>The error of an output that is not there.</summary>
    public static TrakException NoOutput(string name, IEnumerable<string> names) =>
        new($"The model has no output '{name}'; it has {string.Join(", ", names)}.");

    /// <summary>The error of a second backward pass.</summary>
    public static InvalidOperationException BackpropagatedTwice() =>
        new("The forward pass was backpropagated already, and freed what it kept on the way.");
}
