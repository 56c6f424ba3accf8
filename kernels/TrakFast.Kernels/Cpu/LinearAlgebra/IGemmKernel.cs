namespace TrakFast.Kernels;

/// <summary>The innermost part of a matrix product: a few rows by two vectors of C held in registers.</summary>
internal unsafe interface IGemmKernel<T>
    where T : unmanaged
{
    /// <summary>Rows of C at most.</summary>
    static abstract int Rows { get; }

    /// <summary>Columns of C, always all of them.</summary>
    static abstract int Columns { get; }

    /// <summary>
    /// Depth of a packed panel at most: a panel of B stays in the first-level cache. It also decides where the sum of an
    /// element is cut, so it is the same for every product.
    /// </summary>
    static abstract int Depth { get; }

    /// <summary>Panels of rows that are packed at a time: they stay in the second-level cache.</summary>
    static abstract int RowPanels { get; }

    /// <summary>
    /// C [rows, Columns] = or += Aᵀ·B for A [depth, rows] with rows aStep apart, B [depth, Columns] with rows bStep apart.
    /// </summary>
    static abstract void Run(int rows, nint depth, T* a, nint aStep, T* b, nint bStep, T* c, nint cStep, bool accumulate);

    /// <summary>The same for A [rows, depth] with rows aRow apart: rows of a row-major matrix where they lie.</summary>
    static abstract void RunRows(int rows, nint depth, T* a, nint aRow, T* b, nint bStep, T* c, nint cStep, bool accumulate);

    /// <summary>
    /// The same as <see cref="Run"/> with row d of B at b + bOffsets[d]: rows that overlap or lie apart,
    /// as the taps of a convolution see its input.
    /// </summary>
    static abstract void RunAt(int rows, nint depth, T* a, nint aStep, T* b, nint* bOffsets, T* c, nint cStep, bool accumulate);
}

/// <summary>How a kernel goes from one depth to the next, as a type, so that the JIT compiles a loop for each.</summary>
internal interface IDepthSteps
{
    /// <summary>Whether the places of B's rows are listed, rather than evenly spaced.</summary>
    static abstract bool Listed { get; }

    /// <summary>Whether the rows of A lie apart and its depths side by side, rather than the reverse.</summary>
    static abstract bool Apart { get; }
}

/// <summary>The ways to go.</summary>
internal static class Steps
{
    internal readonly struct Even : IDepthSteps
    {
        public static bool Listed => false;

        public static bool Apart => false;
    }

    internal readonly struct Apart : IDepthSteps
    {
        public static bool Listed => false;

        static bool IDepthSteps.Apart => true;
    }

    internal readonly struct Listed : IDepthSteps
    {
        static bool IDepthSteps.Listed => true;

        public static bool Apart => false;
    }
}

/// <summary>A number of rows as a type, so that the JIT compiles a kernel for each.</summary>
internal interface IRowCount
{
    /// <summary>The number.</summary>
    static abstract int Count { get; }
}

/// <summary>The numbers of rows kernels come in.</summary>
internal static class Rows
{
    internal readonly struct One : IRowCount
    {
        public static int Count => 1;
    }

    internal readonly struct Two : IRowCount
    {
        public static int Count => 2;
    }

    internal readonly struct Three : IRowCount
    {
        public static int Count => 3;
    }

    internal readonly struct Four : IRowCount
    {
        public static int Count => 4;
    }

    internal readonly struct Five : IRowCount
    {
        public static int Count => 5;
    }

    internal readonly struct Six : IRowCount
    {
        public static int Count => 6;
    }

    internal readonly struct Seven : IRowCount
    {
        public static int Count => 7;
    }

    internal readonly struct Eight : IRowCount
    {
        public static int Count => 8;
    }

    internal readonly struct Nine : IRowCount
    {
        public static int Count => 9;
    }

    internal readonly struct Ten : IRowCount
    {
        public static int Count => 10;
    }

    internal readonly struct Eleven : IRowCount
    {
        public static int Count => 11;
    }

    internal readonly struct Twelve : IRowCount
    {
        public static int Count => 12;
    }

    internal readonly struct Thirteen : IRowCount
    {
        public static int Count => 13;
    }

    internal readonly struct Fourteen : IRowCount
    {
        public static int Count => 14;
    }
}
