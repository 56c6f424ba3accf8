namespace TrakFast.Datasets.Tests.Inputs;

internal sealed class ChatTemplateTests
{
    private static readonly object?[] Chat = [Message("role", "user", "content", "hi {role}"), Message("from", "gpt", "value", "yes")];

    [Test]
    public void MessagesFollowEachOther() =>
        Assert.That(
            ChatTemplate.Default.Write(Chat, "here"), Is.EqualTo("<|im_start|>user\nhi {role}<|im_end|>\n<|im_start|>gpt\nyes<|im_end|>\n"));

    [Test]
    public void ATemplateMayBeOnesOwn() =>
        Assert.That(new ChatTemplate(@"[{role}] {content}\n").Write(Chat, "here"), Is.EqualTo("[user] hi {role}\n[gpt] yes\n"));

    [Test]
    public void WhatIsNoChatIsSaid()
    {
        Assert.That(() => new ChatTemplate("{role}"), Throws.TypeOf<InputException>().With.Message.Contains("no {content}"));
        Assert.That(() => ChatTemplate.Default.Write([], "here"), Throws.TypeOf<InputException>().With.Message.Contains("here has no messages"));
        Assert.That(
            () => ChatTemplate.Default.Write(["text"], "here"), Throws.TypeOf<InputException>().With.Message.Contains("message 0 has no 'content'"));
    }

    private static Dictionary<string, object?> Message(string role, string speaker, string content, string text) =>
        new() { [role] = speaker, [content] = text };
}
