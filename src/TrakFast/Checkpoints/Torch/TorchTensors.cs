namespace TrakFast;

/// <summary>Reads torch's tensors out of a pickle's records.</summary>
internal static class TorchTensors
{
    private const int Deepest = 4;

    /// <summary>Whether a record is a tensor or a parameter, of whatever kind.</summary>
    public static bool IsTensor(object? value) =>
        value is PickleObject { Callee: PickleGlobal { Module: "torch._utils" or "torch._tensor", Name: var name } }
        && name.StartsWith("_rebuild_", StringComparison.Ordinal);

    /// <summary>The view that a record describes.</summary>
    /// <param name="value">A record for which <see cref="IsTensor"/> is true.</param>
    /// <param name="what">What errors call the tensor, with the file.</param>
    /// <exception cref="CheckpointException">It is damaged, or of a kind that is no dense array.</exception>
    public static TensorView Read(object? value, string what) => Read(value, what, 0);

    private static TensorView Read(object? value, string what, int depth)
    {
        if (depth > Deepest || !IsTensor(value)) throw Damaged(what);
        PickleObject made = (PickleObject)value!;
        return Read(((PickleGlobal)made.Callee!).Name, made.ArgumentList, what, depth);
    }

    private static TensorView Read(string maker, IReadOnlyList<object?> arguments, string what, int depth) => (maker, arguments) switch
    {
        ("_rebuild_tensor" or "_rebuild_tensor_v2", [PickleReference storage, long offset, var sizes, var strides, ..]) =>
            View(storage, null, offset, sizes, strides, what),
        ("_rebuild_tensor_v3", [PickleReference storage, long offset, var sizes, var strides, _, _, PickleGlobal type, ..]) =>
            View(storage, type, offset, sizes, strides, what),
        ("_rebuild_parameter" or "_rebuild_parameter_with_state", [var data, ..]) => Read(data, what, depth + 1),
        ("_rebuild_from_type_v2", [PickleGlobal { Module: "torch._utils" or "torch._tensor", Name: var inner }, _, PickleTuple with, ..])
            when depth < Deepest => Read(inner, with.Items, what, depth + 1),
        ("_rebuild_tensor" or "_rebuild_tensor_v2" or "_rebuild_tensor_v3" or "_rebuild_from_type_v2", _) => throw Damaged(what),
        _ => throw new CheckpointException(
            $"{what} is {Kind(maker)}; dense tensors are read: save it dense, as floating-point numbers ({WeightNames.Short(maker)})."),
    };

    private static string Kind(string maker) => maker switch
    {
        _ when maker.Contains("sparse", StringComparison.Ordinal) => "sparse",
        _ when maker.Contains("qtensor", StringComparison.Ordinal) => "quantized",
        _ when maker.Contains("nested", StringComparison.Ordinal) => "nested",
        _ when maker.Contains("meta", StringComparison.Ordinal) => "without values (on torch's meta device)",
        _ => "of a kind of its own",
    };

    private static TensorView View(PickleReference storage, PickleGlobal? type, long offset, object? sizes, object? strides, string what)
    {
        if (storage.Id is not PickleTuple { Items: ["storage", PickleGlobal stored, var key, _, long count, ..] and var id })
            throw Damaged(what);
        string word = type?.Name ?? stored.Name;
        StoredType read = StoredType.OfTorch(word) ?? throw new CheckpointException(
            $"{what} is of type {WeightNames.Short(word)}; floating-point numbers from 8 to 64 bits, whole numbers and bool are read.");

        // A storage without a type counts bytes.
        int size = StoredType.OfTorch(stored.Name)?.Size ?? 1;
        if (count < 0 || count > long.MaxValue / 16) throw Damaged(what);
        if (id is [_, _, _, _, _, PickleTuple { Items: [_, long viewed, ..] }])
        {
            // Files before 2018 know views of storages: this one begins within the one that has the key.
            if (viewed < 0 || viewed > long.MaxValue / 16) throw Damaged(what);
            offset += viewed;
            count = 0;
        }

        return new TensorView(Key(key, what), count * size, read, offset, Numbers(sizes, what), Numbers(strides, what));
    }

    private static string Key(object? key, string what) => key switch
    {
        string text => text,
        long number => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => throw Damaged(what),
    };

    // torch.Size is a tuple, and some files hold it as a call of its class.
    private static long[] Numbers(object? value, string what) => value switch
    {
        PickleTuple tuple when tuple.Items.All(static i => i is long) => [.. tuple.Items.Select(static i => (long)i!)],
        PickleObject { Callee: PickleGlobal { Module: "torch", Name: "Size" }, ArgumentList: [PickleTuple tuple] } => Numbers(tuple, what),
        PickleObject { Callee: null, IsDictionary: false } list when list.Items.All(static i => i is long) =>
            [.. list.Items.Select(static i => (long)i!)],
        _ => throw Damaged(what),
    };

    private static CheckpointException Damaged(string what) => new($"{what} is described as no tensor is: the file is damaged.");
}
