using System.Globalization;

namespace TrakFast;

/// <summary>
/// The regularizer λ of (ΦᵀΦ + λI)⁻¹. Relative λ is in units of trace(ΦᵀΦ)/min(n, k), the mean of the eigenvalues
/// that can differ from zero, so that one value holds for k below and above n.
/// </summary>
public readonly record struct Lambda
{
    private Lambda(double value, bool isRelative)
    {
        Value = value;
        IsRelative = isRelative;
    }

    /// <summary>1, relative: what holds for k below and above n.</summary>
    public static Lambda Default { get; } = Relative(1);

    /// <summary>The number as given.</summary>
    public double Value { get; }

    /// <summary>Whether the number counts in units of trace(ΦᵀΦ)/min(n, k).</summary>
    public bool IsRelative { get; }

    /// <summary>λ in units of trace(ΦᵀΦ)/min(n, k).</summary>
    /// <exception cref="TrakException">The value is negative or not finite.</exception>
    public static Lambda Relative(double value) => new(Checked(value), isRelative: true);

    /// <summary>λ as it is added to the diagonal.</summary>
    /// <exception cref="TrakException">The value is negative or not finite.</exception>
    public static Lambda Absolute(double value) => new(Checked(value), isRelative: false);

    /// <summary>λ as a save directory keeps it.</summary>
    internal static Lambda Of(double value, bool isRelative) => isRelative ? Relative(value) : Absolute(value);

    /// <summary>λ as it is added to the diagonal of a kernel matrix.</summary>
    /// <param name="trace">trace(ΦᵀΦ).</param>
    /// <param name="n">Train set size.</param>
    /// <param name="k">Projection dimension.</param>
    public double Resolve(double trace, long n, int k) => IsRelative ? Value * trace / Math.Min(n, k) : Value;

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Value:G6} {(IsRelative ? "relative" : "absolute")}");

    private static double Checked(double value) => double.IsFinite(value) && value >= 0
        ? value
        : throw new TrakException(string.Create(CultureInfo.InvariantCulture, $"λ must be a finite number of at least 0; it is {value}."));
}
