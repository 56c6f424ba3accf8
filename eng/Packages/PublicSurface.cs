using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace TrakFast.Packages;

/// <summary>
/// What users of an assembly see, by the names that documentation has for it: <c>Namespace.Type</c> and <c>Namespace.Type.Member</c>.
/// </summary>
internal sealed class PublicSurface
{
    private readonly HashSet<string> _types = new(StringComparer.Ordinal), _members = new(StringComparer.Ordinal);

    /// <summary>Reads an assembly.</summary>
    public PublicSurface(ImmutableArray<byte> assembly)
    {
        using PEReader file = new(assembly);
        MetadataReader reader = file.GetMetadataReader();
        foreach (TypeDefinitionHandle handle in reader.TypeDefinitions)
        {
            TypeDefinition type = reader.GetTypeDefinition(handle);
            if (!IsVisible(reader, type)) continue;
            string name = Name(reader, type);
            _types.Add(name);
            AddMembers(reader, type, name);
        }
    }

    /// <summary>Types, nested ones included.</summary>
    public IReadOnlySet<string> Types => _types;

    /// <summary>Whether users see what a comment belongs to.</summary>
    /// <param name="id">Its id, such as <c>M:Namespace.Type.Method``1(System.Int32)</c>.</param>
    public bool Has(string id)
    {
        string name = id[2..];
        if (id[0] == 'T') return _types.Contains(name);
        name = name.Split('(', '~')[0];
        int arity = name.IndexOf("``", StringComparison.Ordinal);
        return _members.Contains(arity < 0 ? name : name[..arity]);
    }

    private void AddMembers(MetadataReader reader, TypeDefinition type, string name)
    {
        foreach (FieldDefinition field in type.GetFields().Select(reader.GetFieldDefinition))
        {
            if (IsVisible((MethodAttributes)field.Attributes)) Add(field.Name);
        }

        foreach (MethodDefinition method in type.GetMethods().Select(reader.GetMethodDefinition))
        {
            if (IsVisible(method.Attributes)) Add(method.Name);
        }

        foreach (PropertyDefinition property in type.GetProperties().Select(reader.GetPropertyDefinition))
        {
            PropertyAccessors accessors = property.GetAccessors();
            if (IsSeen(accessors.Getter) || IsSeen(accessors.Setter)) Add(property.Name);
        }

        foreach (EventDefinition @event in type.GetEvents().Select(reader.GetEventDefinition))
        {
            if (IsSeen(@event.GetAccessors().Adder)) Add(@event.Name);
        }

        void Add(StringHandle member) => _members.Add($"{name}.{reader.GetString(member).Replace('.', '#')}");

        bool IsSeen(MethodDefinitionHandle accessor) => !accessor.IsNil && IsVisible(reader.GetMethodDefinition(accessor).Attributes);
    }

    private static string Name(MetadataReader reader, TypeDefinition type)
    {
        string name = reader.GetString(type.Name);
        TypeDefinitionHandle outer = type.GetDeclaringType();
        if (!outer.IsNil) return $"{Name(reader, reader.GetTypeDefinition(outer))}.{name}";
        return type.Namespace.IsNil ? name : $"{reader.GetString(type.Namespace)}.{name}";
    }

    private static bool IsVisible(MetadataReader reader, TypeDefinition type) => (type.Attributes & TypeAttributes.VisibilityMask) switch
    {
        TypeAttributes.Public => true,
        TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem =>
            IsVisible(reader, reader.GetTypeDefinition(type.GetDeclaringType())),
        _ => false,
    };

    // Fields and methods have the same bits for who may access them.
    private static bool IsVisible(MethodAttributes attributes) =>
        (attributes & MethodAttributes.MemberAccessMask)
            is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;
}
