import KubeAPI

/// How a value is owned: whole, or part by part.
enum Place {
    /// A scalar, or something atomic.
    case leaf
    /// An object with fields.
    case record(TypeReference)
    /// A map; the shape is of its values.
    case map(FieldShape)
    /// A list whose elements have names: keys, or for a set, which has no keys, themselves.
    case list(FieldShape, keys: [String])
    /// Unknown to the schema: objects are maps, lists are atomic.
    case deduced
}

extension Schema {
    func place(_ field: FieldDefinition) -> Place {
        switch field.shape {
        case .array(let element):
            switch field.listType {
            case .set: return .list(element, keys: [])
            case .map where !field.listMapKeys.isEmpty: return .list(element, keys: field.listMapKeys)
            default: return .leaf
            }
        case .map(let value): return field.mapType == .atomic ? .leaf : .map(value)
        case .type(let reference):
            if field.mapType == .atomic { return .leaf }
            if field.mapType == .granular, self[reference].form == .object { return .record(reference) }
            return place(field.shape)
        default: return place(field.shape)
        }
    }

    func place(_ shape: FieldShape) -> Place {
        switch shape {
        case .string, .bytes, .boolean, .int32, .int64, .number, .array: return .leaf
        case .any: return .deduced
        case .map(let value): return .map(value)
        case .type(let reference):
            let type = self[reference]
            switch type.form {
            case .object: return type.isAtomic ? .leaf : .record(reference)
            case .raw, .json: return .deduced
            default: return .leaf
            }
        }
    }

    /// The place of member `name` of an object at `place`; nil when the schema knows none.
    func place(of name: String, in place: Place) -> Place? {
        switch place {
        case .record(let reference):
            let type = self[reference]
            if let field = type.field(name) { return self.place(field) }
            return type.preservesUnknownFields ? .deduced : nil
        case .map(let value): return self.place(value)
        case .deduced: return .deduced
        case .leaf, .list: return nil
        }
    }

    /// The member is a field of a type, not an entry of a map.
    func isNamedField(_ name: String, in place: Place) -> Bool {
        guard case .record(let reference) = place else { return false }
        return self[reference].field(name) != nil
    }

    /// What an element of a list is called; nil when it has no name: a key is missing, or a set's value is no scalar.
    func pathElement(of item: JSONValue, element: FieldShape, keys: [String]) -> PathElement? {
        guard !keys.isEmpty else {
            switch item {
            case .array, .object, .null: return nil
            default: return .value(item)
            }
        }
        guard case .object(let object) = item else { return nil }
        var members: [JSONObject.Member] = []
        for key in keys {
            if let value = object[key], value != .null {
                members.append(JSONObject.Member(key, value))
            } else if let value = defaultValue(of: key, in: element) {
                members.append(JSONObject.Member(key, value))
            }
        }
        return members.isEmpty ? nil : .key(members)
    }

    private func defaultValue(of key: String, in element: FieldShape) -> JSONValue? {
        guard case .type(let reference) = element else { return nil }
        return self[reference].field(key)?.defaultValue
    }
}

/// Finds members by name, fast when they are asked for in the order they stand in.
struct MemberLookup {
    private let members: [JSONObject.Member]
    private var next = 0
    private var index: [String: Int]?

    init(_ object: JSONObject?) { members = object?.members ?? [] }

    mutating func find(_ key: String) -> JSONValue? {
        if next < members.count, members[next].key == key {
            next += 1
            return members[next - 1].value
        }
        guard let position = position(of: key) else { return nil }
        next = position + 1
        return members[position].value
    }

    private mutating func position(of key: String) -> Int? {
        if let index { return index[key] }
        guard members.count > 16 else {
            let length = key.utf8.count
            return members.lastIndex { $0.key.utf8.count == length && $0.key == key }
        }
        var index = [String: Int](minimumCapacity: members.count)
        for (position, member) in members.enumerated() { index[member.key] = position }
        self.index = index
        return index[key]
    }
}
