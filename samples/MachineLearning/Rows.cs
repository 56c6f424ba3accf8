using Microsoft.ML.Data;

namespace TrakFast.MachineLearning.Sample;

/// <summary>What the network reads of a row.</summary>
internal sealed class PixelRow
{
    /// <summary>The picture, 8 by 8, from 0 to 1.</summary>
    [VectorType(64), ColumnName("pixels")]
    public float[] Pixels { get; set; } = [];
}

/// <summary>What the network says to a row.</summary>
internal sealed class AnswerRow
{
    /// <summary>A logit for each digit.</summary>
    [VectorType(10)]
    public float[] Logits { get; set; } = [];
}

/// <summary>A row as people see it.</summary>
internal sealed class DigitRow
{
    /// <summary>The digit in words.</summary>
    [ColumnName("word")]
    public string Word { get; set; } = string.Empty;

    /// <summary>A logit for each digit.</summary>
    [VectorType(10)]
    public float[] Logits { get; set; } = [];
}
