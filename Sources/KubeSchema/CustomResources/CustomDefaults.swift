import KubeAPI

extension StructuralSchema {
    /// Writes the schema's defaults where nothing stands; null counts as nothing where null is not allowed.
    public func applyDefaults(_ value: inout JSONValue) {
        switch value {
        case .object(var object):
            value = .null
            defaultMembers(&object)
            value = .object(object)
        case .array(var elements):
            guard let items else { return }
            value = .null
            for index in elements.indices {
                if elements[index] == .null, !items.isNullable, let standard = items.defaultValue {
                    elements[index] = standard
                }
                items.applyDefaults(&elements[index])
            }
            value = .array(elements)
        default: break
        }
    }

    private func defaultMembers(_ object: inout JSONObject) {
        for key in properties.keys.sorted() {
            guard let property = properties[key], let standard = property.defaultValue else { continue }
            if object[key] == nil || object[key] == .null && !property.isNullable { object[key] = standard }
        }
        object.members.removeAll { $0.value == .null && properties[$0.key].map { !$0.isNullable } ?? false }
        for index in object.members.indices {
            member(object.members[index].key)?.applyDefaults(&object.members[index].value)
        }
    }
}
