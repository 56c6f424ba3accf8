using System.Globalization;

namespace TrakFast;

/// <summary>The task of a save directory, as far as its name and settings tell.</summary>
internal static class StoredTask
{
    /// <summary>
    /// The task whose name and settings a store keeps, or null: MadryLab/trak keeps none, a task of somebody's own is known
    /// to its code alone, and <c>clip</c> needs the examples it contrasts with.
    /// </summary>
    public static ModelOutput? Of(TrakStore store)
    {
        if (!Tasks.Names.Contains(store.TaskName) || store.TaskName == Clip.TaskName) return null;
        return Tasks.ByName(store.TaskName, new TaskOptions { Temperature = Temperature(store) });
    }

    private static float? Temperature(TrakStore store)
    {
        if (!store.TaskSettings.TryGetValue("temperature", out string? text)) return null;
        return float.TryParse(text, CultureInfo.InvariantCulture, out float temperature)
            ? temperature
            : throw new SaveDirectoryException(
                $"The temperature of the task in {store.SaveDirectory} is '{text}', which is no number; "
                + "restore trakfast.json.");
    }
}
