namespace TrakFast;

/// <summary>A name that a pickle asks for. It stays a name: nothing is looked up by it.</summary>
/// <param name="Module">The module, as in <c>torch._utils</c>.</param>
/// <param name="Name">The name in it.</param>
internal sealed record PickleGlobal(string Module, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>Bytes, or a whole number too large for 64 bits.</summary>
/// <param name="Bytes">The bytes, or the number's, little-endian.</param>
internal sealed record PickleBytes(byte[] Bytes);

/// <summary>A tuple.</summary>
/// <param name="Items">Its items.</param>
internal sealed record PickleTuple(IReadOnlyList<object?> Items);

/// <summary>What the file keeps elsewhere, as torch keeps what tensors hold.</summary>
/// <param name="Id">What tells it from others.</param>
internal sealed record PickleReference(object? Id);

/// <summary>
/// A list, a set, a dictionary, or an object that calling something would have made: what it would have been called with, and what
/// was put into it since. Nothing is called.
/// </summary>
/// <param name="callee">What would have been called; null for lists, sets and dictionaries.</param>
/// <param name="arguments">What with.</param>
internal sealed class PickleObject(object? callee = null, object? arguments = null)
{
    private List<object?>? _items;
    private List<KeyValuePair<object?, object?>>? _entries;

    /// <summary>What would have been called; null for lists, sets and dictionaries.</summary>
    public object? Callee { get; } = callee;

    /// <summary>What with: a tuple where the file is in order.</summary>
    public object? Arguments { get; } = arguments;

    /// <summary>What would have become its attributes.</summary>
    public object? State { get; set; }

    /// <summary>What was appended.</summary>
    public IReadOnlyList<object?> Items => _items ?? [];

    /// <summary>What was set by keys, in order; a key may come more than once, and the last one holds.</summary>
    public IReadOnlyList<KeyValuePair<object?, object?>> Entries => _entries ?? [];

    /// <summary>Whether it is a dictionary.</summary>
    public bool IsDictionary { get; private init; }

    /// <summary>An empty dictionary.</summary>
    public static PickleObject Dictionary() => new() { IsDictionary = true };

    /// <summary>The arguments, where they are a tuple.</summary>
    public IReadOnlyList<object?> ArgumentList => Arguments is PickleTuple tuple ? tuple.Items : [];

    /// <summary>Appends an item.</summary>
    public void Append(object? item) => (_items ??= []).Add(item);

    /// <summary>Sets an entry.</summary>
    public void Set(object? key, object? value) => (_entries ??= []).Add(new KeyValuePair<object?, object?>(key, value));
}
