namespace TrakFast;

/// <summary>The units of features and scores.</summary>
public enum ScoreScaling
{
    /// <summary>E⟨φ, φ'⟩ = ⟨g, g'⟩ and scores as the formula has them.</summary>
    Unit,

    /// <summary>
    /// MadryLab/trak's: φ = gP/√p with unscaled P, and the inverse kernel matrix divided by the mean of its absolute
    /// values for each checkpoint.
    /// </summary>
    TrakPython,
}
