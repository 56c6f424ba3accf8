namespace TrakFast.Cli.Quickstart;

/// <summary>
/// The UCI digits (Alpaydin and Kaynak 1998; 1797 pictures of 8×8 in 17 grays), embedded in the tool, cut into a training
/// set in which some labels are wrong and a set of targets in which none is.
/// </summary>
internal sealed record DigitsData
{
    /// <summary>Training examples n.</summary>
    public const int TrainSize = 1000;

    /// <summary>Targets m.</summary>
    public const int TargetCount = 200;

    /// <summary>Training examples with a wrong label.</summary>
    public const int WrongLabels = TrainSize / 10;

    /// <summary>Kinds of digits.</summary>
    public const int Classes = 10;

    /// <summary>Training pictures, float32 [n, 1, 8, 8] from 0 to 1, and the labels to train on, int64 [n].</summary>
    public required Batch Train { get; init; }

    /// <summary>Target pictures [m, 1, 8, 8] and their labels [m].</summary>
    public required Batch Targets { get; init; }

    /// <summary>The true labels of the training examples, [n].</summary>
    public required long[] TrueLabels { get; init; }

    /// <summary>Which training examples have a wrong label, [n].</summary>
    public bool[] IsWrong => [.. Train["label"].ToLongs().Zip(TrueLabels, static (given, right) => given != right)];

    /// <summary>Reads the embedded pictures, shuffles them and gives every tenth training example another label.</summary>
    /// <param name="seed">Seed of the shuffle and of the wrong labels.</param>
    public static DigitsData Create(int seed)
    {
        byte[] pixels = Resource("digits.images.npy");
        byte[] labels = Resource("digits.labels.npy");
        Random random = new(seed);
        int[] order = [.. Enumerable.Range(0, labels.Length)];
        random.Shuffle(order);
        long[] truth = [.. order.Take(TrainSize).Select(i => (long)labels[i])];
        long[] given = [.. truth];
        int[] flipped = [.. Enumerable.Range(0, TrainSize)];
        random.Shuffle(flipped);
        foreach (int i in flipped.AsSpan(0, WrongLabels)) given[i] = (truth[i] + random.Next(1, Classes)) % Classes;
        int[] targets = order[TrainSize..(TrainSize + TargetCount)];
        return new DigitsData
        {
            Train = new Batch(("image", Pictures(pixels, order[..TrainSize])), ("label", DataArray.From(given, TrainSize))),
            Targets = new Batch(
                ("image", Pictures(pixels, targets)),
                ("label", DataArray.From([.. targets.Select(i => (long)labels[i])], TargetCount))),
            TrueLabels = truth,
        };
    }

    /// <summary>Writes the arrays as NPY files, for <c>trakfast run</c> or NumPy to read.</summary>
    public void Write(string directory)
    {
        foreach ((string set, Batch batch) in new[] { ("train", Train), ("target", Targets) })
        {
            foreach (string name in batch.Names) NpyFile.Write(Path.Combine(directory, $"{set}.{name}.npy"), batch[name]);
        }

        NpyFile.Write(Path.Combine(directory, "train.mislabeled.npy"), DataArray.From(IsWrong, TrainSize));
    }

    private static DataArray Pictures(byte[] pixels, int[] rows)
    {
        float[] values = new float[rows.Length * 64];
        for (int i = 0; i < values.Length; i++) values[i] = pixels[(rows[i / 64] * 64) + (i % 64)] / 16f;
        return DataArray.From(values, rows.Length, 1, 8, 8);
    }

    /// <summary>The elements of an embedded uint8 array: what follows the NPY header.</summary>
    private static byte[] Resource(string name)
    {
        using Stream stream = typeof(DigitsData).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        byte[] file = bytes.ToArray();
        int header = 10 + BitConverter.ToUInt16(file, 8);
        return file[header..];
    }
}
