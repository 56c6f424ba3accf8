namespace TrakFast.Testing;

/// <summary>The sizes over which the contract is tested: those of a fast backend, or of a simulator a thousand times as slow.</summary>
public interface IContractSizes
{
    /// <summary>Blocks to project.</summary>
    static abstract IReadOnlyList<BlockCase> Blocks { get; }

    /// <summary>Blocks that a Kronecker projection factors.</summary>
    static abstract IReadOnlyList<BlockCase> FactoredBlocks { get; }

    /// <summary>Projection dimensions k.</summary>
    static abstract int[] Dimensions { get; }

    /// <summary>Whether sizes that only show speed or statistics are cut down.</summary>
    static abstract bool Small { get; }
}

/// <summary>For backends that run on hardware.</summary>
public readonly struct FullSizes : IContractSizes
{
    public static IReadOnlyList<BlockCase> Blocks => BlockCase.All;

    public static IReadOnlyList<BlockCase> FactoredBlocks => BlockCase.Factored;

    public static int[] Dimensions => [1, 5, 130];

    public static bool Small => false;
}

/// <summary>For simulators.</summary>
public readonly struct SimulatorSizes : IContractSizes
{
    public static IReadOnlyList<BlockCase> Blocks { get; } = [.. BlockCase.All.Where(static block => block.Parameters < 400)];

    public static IReadOnlyList<BlockCase> FactoredBlocks { get; } =
        [.. BlockCase.Factored.Where(static (_, i) => i is 0 or 2 or 4 or 6 or 7)];

    public static int[] Dimensions => [5, 130];

    public static bool Small => true;
}
