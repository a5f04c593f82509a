import KubeAPI

extension StructuralSchema {
    /// The same shape as types of a `Schema`, for what is driven by types: server-side apply. The first type is the
    /// resource; `metadata` is the built-in `ObjectMeta` with what it refers to.
    public func types(named name: String, builtin: Schema) -> (schema: Schema, type: TypeReference) {
        var builder = TypeBuilder(name: name)
        builder.add(self, name: name)
        let metadata = builder.adopt("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", of: builtin)
        builder.finishResource(metadata: metadata)
        return (Schema(types: builder.types), TypeReference(index: 0))
    }
}

private struct TypeBuilder {
    let name: String
    var types: [TypeDefinition] = []

    @discardableResult
    mutating func add(_ schema: StructuralSchema, name: String) -> TypeReference {
        let index = types.count
        types.append(TypeDefinition(name: name))
        let fields = schema.properties.keys.sorted().compactMap { key in
            schema.properties[key].map { field(key, $0, owner: name) }
        }
        types[index] = TypeDefinition(
            name: name, fields: fields,
            preservesUnknownFields: schema.preservesUnknownFields || schema.allowsAnyProperties)
        return TypeReference(index: index)
    }

    private mutating func field(_ key: String, _ schema: StructuralSchema, owner: String) -> FieldDefinition {
        var field = FieldDefinition(key, shape(schema, name: "\(owner).\(key)"))
        field.listType = schema.listType
        field.listMapKeys = schema.listMapKeys
        field.mapType = schema.mapType
        field.isNullable = schema.isNullable
        field.defaultValue = schema.defaultValue
        field.isPointer = true
        return field
    }

    private mutating func shape(_ schema: StructuralSchema, name: String) -> FieldShape {
        switch schema.kind {
        case .string: return .string
        case .boolean: return .boolean
        case .integer: return .int64
        case .number: return .number
        case .array: return .array(schema.items.map { shape($0, name: name) } ?? .any)
        case .object:
            if schema.properties.isEmpty, let member = schema.additionalProperties {
                return .map(shape(member, name: name))
            }
            return schema.properties.isEmpty ? .any : .type(add(schema, name: name))
        case nil: return .any
        }
    }

    /// Copies a built-in type and everything it refers to.
    mutating func adopt(_ name: String, of builtin: Schema) -> TypeReference? {
        if let index = types.firstIndex(where: { $0.name == name }) { return TypeReference(index: index) }
        guard let original = builtin.type(named: name).map({ builtin[$0] }) else { return nil }
        let index = types.count
        types.append(TypeDefinition(name: name))
        let fields = original.fields.map { field in
            var field = field
            field.shape = adopt(field.shape, of: builtin)
            return field
        }
        types[index] = TypeDefinition(
            name: name, form: original.form, fields: fields, preservesUnknownFields: original.preservesUnknownFields)
        return TypeReference(index: index)
    }

    private mutating func adopt(_ shape: FieldShape, of builtin: Schema) -> FieldShape {
        switch shape {
        case .type(let reference): adopt(builtin[reference].name, of: builtin).map(FieldShape.type) ?? .any
        case .array(let element): .array(adopt(element, of: builtin))
        case .map(let element): .map(adopt(element, of: builtin))
        default: shape
        }
    }

    /// Gives the resource the fields that every object has.
    mutating func finishResource(metadata: TypeReference?) {
        let own = types[0].fields.filter { !["apiVersion", "kind", "metadata"].contains($0.name) }
        let common = [
            FieldDefinition("kind", .string), FieldDefinition("apiVersion", .string),
            FieldDefinition("metadata", metadata.map(FieldShape.type) ?? .any),
        ]
        types[0] = TypeDefinition(
            name: types[0].name, fields: common + own, preservesUnknownFields: types[0].preservesUnknownFields)
    }
}
