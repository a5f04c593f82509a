import KubeAPI

extension Schema {
    /// `new` laid over `old`: what `new` does not have stays.
    func merge(_ old: JSONValue?, _ new: JSONValue?, at place: Place) -> JSONValue? {
        guard let new else { return old }
        guard let old else { return new }
        switch (place, old, new) {
        case (.record, .object(let a), .object(let b)), (.map, .object(let a), .object(let b)),
            (.deduced, .object(let a), .object(let b)):
            var members = OrderedMembers(a)
            for member in b.members {
                let below = self.place(of: member.key, in: place) ?? .deduced
                members[member.key] = merge(members.take(member.key), member.value, at: below)
            }
            return .object(members.object)
        case (.list(let element, let keys), .array(let a), .array(let b)):
            return .array(mergeLists(a, b, element, keys))
        default: return new
        }
    }

    /// The elements of `new` in their order; those that only `old` has stay between the neighbours they had.
    private func mergeLists(
        _ old: [JSONValue], _ new: [JSONValue], _ element: FieldShape, _ keys: [String]
    ) -> [JSONValue] {
        let below = place(element)
        func names(_ list: [JSONValue]) -> [PathElement] {
            list.enumerated().map { pathElement(of: $1, element: element, keys: keys) ?? .index($0) }
        }
        let (oldNames, newNames) = (names(old), names(new))
        let before = Dictionary(zip(oldNames, old), uniquingKeysWith: { first, _ in first })
        let after = Set(newNames)
        var shared = newNames.filter { before[$0] != nil }[...]
        var isMerged: Set<PathElement> = []
        var result: [JSONValue] = []
        result.reserveCapacity(max(old.count, new.count))
        var (i, j) = (0, 0)
        func takeNew() {
            let name = newNames[j]
            isMerged.insert(name)
            if let value = merge(before[name], new[j], at: below) { result.append(value) }
            if shared.first == name { shared = shared.dropFirst() }
            j += 1
        }
        while i < old.count || j < new.count {
            guard i < old.count else {
                takeNew()
                continue
            }
            let name = oldNames[i]
            if j < new.count, name == newNames[j] {
                takeNew()
                i += 1
            } else if !after.contains(name) {
                result.append(old[i])
                i += 1
            } else if isMerged.contains(name) || j < new.count && shared.first.map({ $0 != name }) == true {
                i += 1
            } else if j < new.count {
                takeNew()
            } else {
                i += 1
            }
        }
        return result
    }

    /// Without what `set` names, and without the objects and lists that have nothing left. nil when nothing is left.
    func remove(_ set: FieldSet, from value: JSONValue, at place: Place) -> JSONValue? {
        guard !set.children.isEmpty else { return value }
        switch (place, value) {
        case (.record, .object(let object)), (.map, .object(let object)), (.deduced, .object(let object)):
            guard !object.members.isEmpty else { return value }
            let kept = object.members.compactMap { member -> JSONObject.Member? in
                guard let below = set.child(.field(member.key)) else { return member }
                guard !below.isMember else { return nil }
                let place = self.place(of: member.key, in: place) ?? .deduced
                return remove(below, from: member.value, at: place).map { JSONObject.Member(member.key, $0) }
            }
            return kept.isEmpty ? nil : .object(JSONObject(kept))
        case (.list(let element, let keys), .array(let items)):
            guard !items.isEmpty else { return value }
            let place = self.place(element)
            let kept = items.enumerated().compactMap { index, item -> JSONValue? in
                let name = pathElement(of: item, element: element, keys: keys) ?? .index(index)
                guard let below = set.child(name) else { return item }
                return below.isMember ? nil : remove(below, from: item, at: place)
            }
            return kept.isEmpty ? nil : .array(kept)
        default: return value
        }
    }

    /// What Go's zero value of a type looks like in JSON: the object that a create is compared with.
    func zeroObject(_ type: TypeReference, depth: Int = 0) -> JSONValue {
        guard depth < 20 else { return .emptyObject }
        let members = self[type].fields.compactMap { field -> JSONObject.Member? in
            guard let value = zeroValue(field, depth: depth) else { return nil }
            return JSONObject.Member(field.name, value)
        }
        return .object(JSONObject(members))
    }

    /// nil when the field is not written.
    private func zeroValue(_ field: FieldDefinition, depth: Int) -> JSONValue? {
        if case .type(let reference) = field.shape, !field.isPointer {
            switch (self[reference].form, field.emission) {
            case (_, .omitZero): return nil
            case (.object, _): return zeroObject(reference, depth: depth + 1)
            case (_, .always): return .null
            default: return nil
            }
        }
        guard field.emission == .always else { return nil }
        guard !field.isPointer else { return .null }
        switch field.shape {
        case .string: return ""
        case .boolean: return false
        case .int32, .int64, .number: return 0
        default: return .null
        }
    }
}
