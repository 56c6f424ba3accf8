namespace TrakFast.Kernels;

/// <summary>The arguments of one product C [M, N] = or += op(A) [M, K] · op(B) [K, N], row-major.</summary>
internal unsafe struct MatrixProduct<T>
    where T : unmanaged
{
    /// <summary>Whether A is stored [K, M].</summary>
    public bool TransposeA;

    /// <summary>Whether B is stored [N, K].</summary>
    public bool TransposeB;

    /// <summary>Whether C is added to.</summary>
    public bool Accumulate;

    /// <summary>Whether the product is taken with the opposite sign.</summary>
    public bool Negate;

    /// <summary>Rows of C.</summary>
    public long M;

    /// <summary>Columns of C.</summary>
    public long N;

    /// <summary>Inner dimension.</summary>
    public long K;

    public T* A;
    public T* B;
    public T* C;

    /// <summary>Elements between rows of A as stored.</summary>
    public long LdA;

    /// <summary>Elements between rows of B as stored.</summary>
    public long LdB;

    /// <summary>Elements between rows of C.</summary>
    public long LdC;

    /// <summary>Address of element (i, d) of op(A).</summary>
    public readonly T* AtA(long i, long d) => A + (TransposeA ? (d * LdA) + i : (i * LdA) + d);

    /// <summary>Address of element (d, j) of op(B).</summary>
    public readonly T* AtB(long d, long j) => B + (TransposeB ? (j * LdB) + d : (d * LdB) + j);

    /// <summary>The product that makes rows i0 to i1 and columns j0 to j1 of C alone.</summary>
    public readonly MatrixProduct<T> Part(long i0, long i1, long j0, long j1)
    {
        MatrixProduct<T> part = this;
        (part.M, part.N) = (i1 - i0, j1 - j0);
        part.A = AtA(i0, 0);
        part.B = AtB(0, j0);
        part.C = C + (i0 * LdC) + j0;
        return part;
    }
}
