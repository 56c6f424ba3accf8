namespace TrakFast.Kernels.Tests;

/// <summary>Copies that are under way while more is asked for, by a driver that does everything later.</summary>
internal sealed unsafe class PendingCopyTests
{
    [TestCase(1)]
    [TestCase(100_003)]
    public void WhatComesBehindACopyDoesNotChangeIt(int length)
    {
        using FakeDriver driver = new();
        using DeviceBackend backend = new(new CudaDevice(driver.Functions, 0, 0), Workers.Single);
        using Uploads uploads = new(backend);
        MemoryView there = uploads.Upload([.. Enumerable.Range(0, length).Select(static i => i + 0.5f)]);
        float[] first = new float[length], second = [.. Enumerable.Repeat(7f, length)];
        fixed (float* a = first, b = second)
        {
            driver.Calls.Clear();
            IPendingCopy values = backend.StartCopy(there, MemoryView.Of(a, length));
            backend.Clear(there);
            IPendingCopy zeros = backend.StartCopy(there, MemoryView.Of(b, length));
            Assert.That((values.IsComplete, zeros.IsComplete), Is.EqualTo((false, false)));
            Assert.That(driver.Calls, Does.Not.Contain("cuEventSynchronize").And.Not.Contain("cuStreamSynchronize"), "nobody waits yet");
            zeros.Complete();
            values.Complete();
            values.Complete();
            Assert.That((values.IsComplete, zeros.IsComplete), Is.EqualTo((true, true)));
        }

        Assert.That(first, Is.EqualTo(Enumerable.Range(0, length).Select(static i => i + 0.5f)));
        Assert.That(second, Is.All.Zero);
    }

    [Test]
    public void PinnedMemoryIsUsedAgainAndGivenBack()
    {
        using FakeDriver driver = new();
        using (DeviceBackend backend = new(new CudaDevice(driver.Functions, 0, 0), Workers.Single))
        {
            using Uploads uploads = new(backend);
            MemoryView there = uploads.Upload(new float[1000]);
            int pinned = driver.Alive.Pinned;
            float[] host = new float[1000];
            fixed (float* target = host)
            {
                IPendingCopy before = FinishedCopy.Instance;
                for (int i = 0; i < 20; i++)
                {
                    IPendingCopy next = backend.StartCopy(there, MemoryView.Of(target, 1000));
                    before.Complete();
                    before = next;
                }

                Assert.That(driver.Alive.Pinned - pinned, Is.EqualTo(2), "as much as was under way at once");

                // The last one is never waited for.
            }
        }

        Assert.That(driver.Alive, Is.EqualTo((0, 0, 0, 0)));
    }

    [Test]
    public void OnlyCopiesToTheHostAreStarted()
    {
        using FakeDriver driver = new();
        using DeviceBackend backend = new(new CudaDevice(driver.Functions, 0, 0), Workers.Single);
        using Uploads uploads = new(backend);
        MemoryView there = uploads.Upload(new float[3]);
        float[] host = new float[3];
        fixed (float* here = host)
        {
            MemoryView view = MemoryView.Of(here, 3);
            Assert.That(() => backend.StartCopy(there, there), Throws.ArgumentException);
            Assert.That(() => backend.StartCopy(view, view), Throws.ArgumentException);
            Assert.That(() => backend.StartCopy(there, view.Slice(0, 2)), Throws.ArgumentException);
        }
    }
}
