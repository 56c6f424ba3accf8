using TrakFast.Kernels;

namespace TrakFast.Onnx;

/// <summary>Products of stacks of matrices, one for each example and place in the stack, side by side on the threads.</summary>
internal static unsafe class StackedProduct
{
    /// <summary>
    /// R [M, N] = α · P [M, K] · Q [K, N] throughout. Where matrices of R are repeated the products add up in the stack's
    /// order, onto what is there.
    /// </summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="sizes">M, N and K.</param>
    /// <param name="alpha">α; 1 where R is repeated.</param>
    /// <param name="parts">Examples.</param>
    /// <param name="stacks">Matrices of an example.</param>
    /// <param name="p">P's matrices.</param>
    /// <param name="q">Q's matrices.</param>
    /// <param name="r">R's matrices.</param>
    public static void Run(
        Workers workers, (long M, long N, long K) sizes, float alpha, long parts, long stacks, Factor p, Factor q, Factor r)
    {
        (long m, long n, long k) = sizes;
        long items = r.Matrices.Repeated ? parts : parts * stacks, work = Math.Max(m * n * k, 1) * (r.Matrices.Repeated ? stacks : 1);

        // A few large products are better cut themselves.
        if (items < workers.Threads && !r.Matrices.Repeated)
        {
            for (long item = 0; item < items; item++) One(workers, item / stacks, item % stacks);
            return;
        }

        workers.Run(items, Math.Max(Vectors.Grain / work, 1), (start, end) =>
        {
            for (long item = start; item < end; item++)
            {
                if (!r.Matrices.Repeated) One(Workers.Single, item / stacks, item % stacks);
                else for (long stack = 0; stack < stacks; stack++) One(Workers.Single, item, stack);
            }
        });

        void One(Workers threads, long part, long stack)
        {
            float* first = p.At(part, stack), second = q.At(part, stack), result = r.At(part, stack);
            bool turnP = p.Matrices.ColumnsFirst,
                turnQ = q.Matrices.ColumnsFirst,
                turnR = r.Matrices.ColumnsFirst,
                add = r.Matrices.Repeated;
            if (turnR)
                Sgemm.Multiply(
                    threads, !turnQ, !turnP, n, m, k, second, q.Matrices.Leading, first,
                    p.Matrices.Leading, result, r.Matrices.Leading, add);
            else
                Sgemm.Multiply(
                    threads, turnP, turnQ, m, n, k, first, p.Matrices.Leading, second, q.Matrices.Leading, result, r.Matrices.Leading, add);
            if (alpha == 1) return;

            // While the tile is in the cache.
            (long lines, long length) = turnR ? (n, m) : (m, n);
            for (long line = 0; line < lines; line++) Vectors.Scale(alpha, result + (line * r.Matrices.Leading), length);
        }
    }

    /// <summary>An operand or the result: its matrices, its memory, and the elements between two examples.</summary>
    internal readonly struct Factor(Matrices matrices, float* data, long part)
    {
        private readonly float* _data = data;

        public Matrices Matrices { get; } = matrices;

        public float* At(long example, long stack) => _data + (example * part) + Matrices[stack];
    }
}
