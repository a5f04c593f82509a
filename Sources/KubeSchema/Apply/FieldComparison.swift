import KubeAPI

/// What is different between two versions of an object.
struct FieldComparison {
    var removed = FieldSet()
    var modified = FieldSet()
    var added = FieldSet()

    var changed: FieldSet { modified.union(added) }

    var isEmpty: Bool { removed.isEmpty && modified.isEmpty && added.isEmpty }

    /// Without the fields that the operation may not change.
    func without(_ fields: FieldSet) -> FieldComparison {
        guard !fields.isEmpty else { return self }
        return FieldComparison(
            removed: removed.recursiveDifference(fields), modified: modified.recursiveDifference(fields),
            added: added.recursiveDifference(fields))
    }
}

extension Schema {
    /// Linear in the size. nil is a value that is not there; an empty object counts as a leaf.
    func compare(_ old: JSONValue?, _ new: JSONValue?, at place: Place) -> FieldComparison {
        switch place {
        case .leaf: return compareLeaves(old, new)
        case .record, .map: return compareObjects(old, new, at: place)
        case .deduced:
            let isObject = old?.object != nil && (new == nil || new?.object != nil) || old == nil && new?.object != nil
            return isObject ? compareObjects(old, new, at: place) : compareLeaves(old, new)
        case .list(let element, let keys): return compareLists(old, new, element, keys)
        }
    }

    private func compareLeaves(_ old: JSONValue?, _ new: JSONValue?) -> FieldComparison {
        switch (old, new) {
        case (nil, nil): FieldComparison()
        case (nil, _): FieldComparison(added: .member)
        case (_, nil): FieldComparison(removed: .member)
        case (let old?, let new?): old.isEquivalent(to: new) ? FieldComparison() : FieldComparison(modified: .member)
        }
    }

    private func compareObjects(_ old: JSONValue?, _ new: JSONValue?, at place: Place) -> FieldComparison {
        let (a, b) = (old?.object, new?.object)
        guard a?.members.isEmpty == false || b?.members.isEmpty == false else { return compareLeaves(old, new) }
        var parts = ComparisonParts()
        var lookup = MemberLookup(a)
        for member in b?.members ?? [] {
            let below = self.place(of: member.key, in: place) ?? .deduced
            parts.add(compare(lookup.find(member.key), member.value, at: below)) { .field(member.key) }
        }
        lookup = MemberLookup(b)
        for member in a?.members ?? [] where lookup.find(member.key) == nil {
            let below = self.place(of: member.key, in: place) ?? .deduced
            parts.add(compare(member.value, nil, at: below)) { .field(member.key) }
        }
        return parts.comparison(isAdded: old == nil, isRemoved: new == nil)
    }

    private func compareLists(
        _ old: JSONValue?, _ new: JSONValue?, _ element: FieldShape, _ keys: [String]
    ) -> FieldComparison {
        let (a, b) = (old?.array ?? [], new?.array ?? [])
        guard !a.isEmpty || !b.isEmpty else { return compareLeaves(old, new) }
        if a == b { return FieldComparison() }
        let below = place(element)
        let (before, after) = (named(a, element, keys), named(b, element, keys))
        var parts = ComparisonParts()
        for (name, items) in after.items {
            parts.add(compareItems(before.byName[name] ?? [], items, at: below)) { name }
        }
        for (name, items) in before.items where after.byName[name] == nil {
            parts.add(compareItems(items, [], at: below)) { name }
        }
        return parts.comparison(isAdded: old == nil, isRemoved: new == nil)
    }

    /// Elements of one name: usually one before and one after; lists that break the rule are compared as a whole.
    private func compareItems(_ old: [JSONValue], _ new: [JSONValue], at place: Place) -> FieldComparison {
        if old.count < 2, new.count < 2 { return compare(old.first, new.first, at: place) }
        return compareLeaves(old.isEmpty ? nil : .array(old), new.isEmpty ? nil : .array(new))
    }

    private struct NamedItems {
        var items: [(PathElement, [JSONValue])] = []
        var byName: [PathElement: [JSONValue]] = [:]
    }

    private func named(_ list: [JSONValue], _ element: FieldShape, _ keys: [String]) -> NamedItems {
        var result = NamedItems()
        var order: [PathElement] = []
        for (index, item) in list.enumerated() {
            let name = pathElement(of: item, element: element, keys: keys) ?? .index(index)
            if result.byName[name] == nil { order.append(name) }
            result.byName[name, default: []].append(item)
        }
        result.items = order.map { ($0, result.byName[$0] ?? []) }
        return result
    }
}

/// The comparisons of the parts of a value while they are collected.
private struct ComparisonParts {
    private var removed: [FieldSet.Child] = []
    private var modified: [FieldSet.Child] = []
    private var added: [FieldSet.Child] = []

    mutating func add(_ part: FieldComparison, _ element: () -> PathElement) {
        guard !part.isEmpty else { return }
        let element = element()
        if !part.removed.isEmpty { removed.append(FieldSet.Child(element: element, set: part.removed)) }
        if !part.modified.isEmpty { modified.append(FieldSet.Child(element: element, set: part.modified)) }
        if !part.added.isEmpty { added.append(FieldSet.Child(element: element, set: part.added)) }
    }

    func comparison(isAdded: Bool, isRemoved: Bool) -> FieldComparison {
        FieldComparison(
            removed: FieldSet(removed, isMember: isRemoved), modified: FieldSet(modified),
            added: FieldSet(added, isMember: isAdded))
    }
}
