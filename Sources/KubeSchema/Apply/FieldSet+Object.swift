import KubeAPI

/// What an applied configuration has that the schema does not allow; upstream's words.
struct ConfigurationFault: Error {
    var path: String
    var reason: String
}

extension Schema {
    /// The fields that an object has: what the manager owns who applies it.
    func fieldSet(of value: JSONValue, at place: Place) -> FieldSet {
        switch (place, value) {
        case (.record, .object(let object)), (.map, .object(let object)), (.deduced, .object(let object)):
            return FieldSet(
                object.members.map { member in
                    let below = self.place(of: member.key, in: place) ?? .deduced
                    var set = fieldSet(of: member.value, at: below)
                    if isOwnedItself(member, in: place) { set.isMember = true }
                    return FieldSet.Child(element: .field(member.key), set: set)
                })
        case (.list(let element, let keys), .array(let items)):
            let below = self.place(element)
            return FieldSet(
                items.enumerated().map { index, item in
                    var set = fieldSet(of: item, at: below)
                    set.isMember = true
                    let name = pathElement(of: item, element: element, keys: keys) ?? .index(index)
                    return FieldSet.Child(element: name, set: set)
                }
            ).withoutRepetitions
        case (.record, _), (.map, _), (.list, _): return FieldSet()
        default: return .member
        }
    }

    private func isOwnedItself(_ member: JSONObject.Member, in place: Place) -> Bool {
        switch member.value {
        case .null: true
        case .object(let object) where object.members.isEmpty: true
        default: !isNamedField(member.key, in: place)
        }
    }

    /// Fails for fields that the schema does not have, for elements without names and for names given twice.
    func check(_ value: JSONValue, at place: Place, path: String = "") throws(ConfigurationFault) {
        switch (place, value) {
        case (_, .null): return
        case (.record, .object(let object)), (.map, .object(let object)):
            for member in object.members {
                guard let below = self.place(of: member.key, in: place) else {
                    throw ConfigurationFault(path: "\(path).\(member.key)", reason: "field not declared in schema")
                }
                try check(member.value, at: below, path: "\(path).\(member.key)")
            }
        case (.list(let element, let keys), .array(let items)):
            let below = self.place(element)
            var seen: Set<PathElement> = []
            for (index, item) in items.enumerated() {
                guard let name = pathElement(of: item, element: element, keys: keys) else {
                    throw ConfigurationFault(path: "\(path): element \(index)", reason: missingName(keys))
                }
                guard seen.insert(name).inserted else {
                    throw ConfigurationFault(path: path, reason: "duplicate entries for key \(name.shown)")
                }
                try check(item, at: below, path: path + name.shown)
            }
        case (.record, _), (.map, _):
            throw ConfigurationFault(path: path, reason: "expected map, got \(value.typeName)")
        case (.list, _): throw ConfigurationFault(path: path, reason: "expected list, got \(value.typeName)")
        case (.leaf, _), (.deduced, _): return
        }
    }

    private func missingName(_ keys: [String]) -> String {
        guard !keys.isEmpty else { return "sets can't have null, list or map elements" }
        let names = keys.map { "\"\($0)\"" }.joined(separator: ", ")
        return "associative list with keys has an element that omits all key fields [\(names)] "
            + "(and doesn't have default values for any key fields)"
    }
}

extension FieldSet {
    /// Children of the same name become one.
    fileprivate var withoutRepetitions: FieldSet {
        guard zip(children, children.dropFirst()).contains(where: { $0.element == $1.element }) else { return self }
        var result = FieldSet()
        result.isMember = isMember
        for child in children {
            if let last = result.children.last, last.element == child.element {
                result.children[result.children.count - 1].set = last.set.union(child.set)
            } else {
                result.children.append(child)
            }
        }
        return result
    }

    /// With every field of a type that leads to a path of the set. Entries of maps and elements of lists are not added.
    func withNamedFields(_ schema: Schema, at place: Place) -> FieldSet {
        var result = self
        for index in result.children.indices {
            let child = result.children[index]
            if let name = child.element.fieldName {
                let below = schema.place(of: name, in: place) ?? .deduced
                result.children[index].set = child.set.withNamedFields(schema, at: below)
                if schema.isNamedField(name, in: place) { result.children[index].set.isMember = true }
            } else if case .list(let element, _) = place {
                result.children[index].set = child.set.withNamedFields(schema, at: schema.place(element))
            }
        }
        return result
    }
}
