namespace TrakFast.Kernels;

/// <summary>
/// The arithmetic of attribution on one kind of memory. Implementations give bitwise the same features for an example
/// whatever batch it comes in and however many threads run.
/// </summary>
public interface IKernelBackend : IDisposable
{
    /// <summary>A short name for people, such as <c>cpu (AVX-512, 2 threads)</c>.</summary>
    string Name { get; }

    /// <summary>Where this backend's memory lies.</summary>
    MemorySpace Space { get; }

    /// <summary>Host threads for what stays on the host.</summary>
    Workers Workers { get; }

    /// <summary>Allocates zeroed memory of this backend.</summary>
    /// <returns>The only owner of the memory.</returns>
    IBackendBuffer Allocate(ElementType type, long length);

    /// <summary>Sets elements of this backend's memory to zero.</summary>
    void Clear(MemoryView memory);

    /// <summary>Copies between this backend's memory and the host's, or within either.</summary>
    void Copy(MemoryView source, MemoryView destination);

    /// <summary>
    /// Starts a copy to the host behind everything asked before, and returns while it is under way where the backend can: what is asked
    /// next goes on meanwhile.
    /// </summary>
    /// <param name="source">This backend's memory. What is asked for later comes behind the copy, so it may change it.</param>
    /// <param name="destination">Host memory of the same length and type, which must stay where it is until the copy is complete.</param>
    IPendingCopy StartCopy(MemoryView source, MemoryView destination);

    /// <summary>
    /// Adds P applied to a block's gradients to the features. Sums are unscaled (entries ±1 or normal): whoever owns
    /// the features multiplies once by <see cref="Projection.Scale"/> when every block is in.
    /// </summary>
    /// <param name="projection">The matrix.</param>
    /// <param name="block">Gradients [B, …] in this backend's memory.</param>
    /// <param name="features">float32 [B, k], accumulated.</param>
    void Project(in Projection projection, GradientBlock block, MemoryView features);

    /// <summary>Starts a Gram matrix of k columns.</summary>
    IGramAccumulator CreateGram(int dimension);

    /// <summary>
    /// Scores tiles: for rows i and targets j, rowScale[i] · Σ_models ⟨train_model[i], target_model[j]⟩.
    /// </summary>
    /// <param name="train">For each model float32 [rows, k_model].</param>
    /// <param name="targets">For each model float32 [m, k_model].</param>
    /// <param name="rowScale">float32 [rows].</param>
    /// <param name="firstRow">Train index of the first row.</param>
    /// <param name="sink">Receives the scores: whole tiles, or the strongest of each target.</param>
    void Score(IReadOnlyList<MemoryView> train, IReadOnlyList<MemoryView> targets, MemoryView rowScale, long firstRow, ScoreSink sink);

    /// <summary>Waits for everything asked of this backend.</summary>
    void Synchronize();
}

/// <summary>A copy to the host that may be under way.</summary>
public interface IPendingCopy
{
    /// <summary>Whether everything has arrived.</summary>
    bool IsComplete { get; }

    /// <summary>Waits until everything has arrived. Calling it again does nothing.</summary>
    void Complete();
}

/// <summary>Memory of a backend with one owner.</summary>
public interface IBackendBuffer : IDisposable
{
    /// <summary>The memory; valid until disposed.</summary>
    MemoryView View { get; }
}

/// <summary>ΦᵀΦ in the making: float32 blocks carried in float64, so that n = 10⁷ rows lose nothing.</summary>
public interface IGramAccumulator : IDisposable
{
    /// <summary>Adds XᵀX for X = diag(rowScale)·features.</summary>
    /// <param name="features">float32 [rows, k].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="rowScale">float32 [rows], or a view of length 0 for ones.</param>
    void Add(MemoryView features, long rows, MemoryView rowScale);

    /// <summary>The sum so far, both triangles filled.</summary>
    SymmetricMatrix ToMatrix();
}
