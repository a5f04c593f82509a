import KubeAPI

extension StrategicMergePatch {
    /// What tells an element of a list from the others: a member of it, or the value itself.
    struct Identity {
        let mergeKey: String?

        func callAsFunction(_ element: JSONValue) throws(PatchRefusal) -> JSONValue {
            guard let mergeKey else { return element }
            guard let value = element[mergeKey] else {
                throw PatchRefusal(
                    .internal, "map: \(JSONWriter.text(element)) does not contain declared merge key: \(mergeKey)")
            }
            return value
        }

        /// Where each identity stands first.
        func positions(_ elements: [JSONValue]) throws(PatchRefusal) -> [JSONValue: Int] {
            var positions = [JSONValue: Int](minimumCapacity: elements.count)
            for (position, element) in elements.enumerated() {
                let identity = try self(element)
                if positions[identity] == nil { positions[identity] = position }
            }
            return positions
        }
    }

    // MARK: - Merging

    func merge(_ patch: [JSONValue], into original: [JSONValue], _ field: Field) throws(PatchRefusal) -> [JSONValue] {
        guard let areObjects = try holdObjects(original + patch) else { return original }
        guard areObjects else {
            var seen: Set<JSONValue> = []
            let merged = (original + patch).filter { seen.insert($0).inserted }
            return try ordered(merged, by: patch, then: original, Identity(mergeKey: nil))
        }
        guard let mergeKey = field.mergeKey else {
            throw PatchRefusal(.internal, "cannot merge lists without merge key")
        }
        let identity = Identity(mergeKey: mergeKey)
        let (kept, changes) = try obeyDirectives(patch, original, identity)
        guard let changes else { return kept }
        let merged = try mergeObjects(changes, into: kept, field.element, identity)
        return try ordered(merged, by: changes, then: kept, identity)
    }

    /// nil when there is no element; elements of one list are either objects or scalars.
    private func holdObjects(_ elements: [JSONValue]) throws(PatchRefusal) -> Bool? {
        guard let first = elements.first else { return nil }
        for element in elements {
            if case .array = element { throw PatchRefusal(.unprocessable, "lists of lists are not supported") }
            guard (element.object == nil) == (first.object == nil) else {
                throw PatchRefusal(.internal, "list element types are not identical")
            }
        }
        return first.object != nil
    }

    /// Deletes what the patch says, and returns what is left of list and patch; no patch when it replaces the list.
    private func obeyDirectives(
        _ patch: [JSONValue], _ original: [JSONValue], _ identity: Identity
    ) throws(PatchRefusal) -> (list: [JSONValue], patch: [JSONValue]?) {
        var changes: [JSONValue] = []
        var gone: Set<JSONValue> = []
        var replaces = false
        for element in patch {
            switch element[Directive.patch] {
            case nil: changes.append(element)
            case .string("delete")?: gone.insert(try identity(element))
            case .string("replace")?: replaces = true
            case .string("merge")?:
                throw PatchRefusal(.internal, "merging lists cannot yet be specified in the patch")
            case let directive?:
                throw PatchRefusal(.internal, "unknown patch type: '\(shown(directive))' in map: \(shown(element))")
            }
        }
        if replaces { return (changes, nil) }
        guard !gone.isEmpty else { return (original, changes) }
        var kept: [JSONValue] = []
        for element in original where !gone.contains(try identity(element)) { kept.append(element) }
        return (kept, changes)
    }

    private func mergeObjects(
        _ patch: [JSONValue], into original: [JSONValue], _ shape: Shape, _ identity: Identity
    ) throws(PatchRefusal) -> [JSONValue] {
        var merged = original
        var positions = try identity.positions(original)
        for element in patch {
            let key = try identity(element)
            if let position = positions[key], case .object(let old) = merged[position],
                case .object(let new) = element
            {
                merged[position] = .object(try merge(new, into: old, shape))
            } else {
                positions[key] = merged.count
                merged.append(withoutDirectives(MergePatch.withoutNulls(element)))
            }
        }
        return merged
    }

    // MARK: - Order

    /// `$setElementOrder/f` and the change of `f` beside it.
    func mergeOrderedLists(
        _ members: inout OrderedMembers, _ changes: inout OrderedMembers, _ shape: Shape
    ) throws(PatchRefusal) {
        for directive in changes.members where directive.key.hasPrefix(Directive.order) {
            changes[directive.key] = nil
            let key = String(directive.key.dropFirst(Directive.order.count))
            guard case .array(let order) = directive.value else {
                throw PatchRefusal(.badRequest, "invalid patch format of setElementOrder list")
            }
            let field = field(key, of: shape)
            let original = members[key]?.array
            let patch = changes[key]?.array
            let identity = Identity(mergeKey: field.mergeKey)
            try check(patch ?? [], follows: order, identity)
            let merged: [JSONValue]
            switch (original, patch) {
            case (nil, nil): continue
            case (let original?, nil): merged = original
            case (nil, let patch?): merged = withoutDirectives(.array(patch)).array ?? []
            case (let original?, let patch?):
                merged = field.strategy == "merge" ? try merge(patch, into: original, field) : patch
            }
            members[key] = .array(try ordered(merged, by: order, then: original ?? [], identity))
            changes[key] = nil
        }
    }

    /// The elements of the patch must stand in the order that the patch itself asks for.
    private func check(_ patch: [JSONValue], follows order: [JSONValue], _ identity: Identity) throws(PatchRefusal) {
        let positions = try identity.positions(order)
        var last = -1
        for element in patch where element[Directive.patch] == nil {
            guard let position = positions[try identity(element)], position >= last else {
                throw PatchRefusal(
                    .internal,
                    "The order in patch list:\n\(shown(.array(patch)))\n doesn't match $setElementOrder list:\n\(shown(.array(order)))\n"
                )
            }
            last = position
        }
    }

    /// The elements named in `order` in that order, the others in the order of `server`; the two are merged so that an
    /// element the server knows stands before the next of `order` that it knew to be behind.
    private func ordered(
        _ elements: [JSONValue], by order: [JSONValue], then server: [JSONValue], _ identity: Identity
    ) throws(PatchRefusal) -> [JSONValue] {
        let wanted = try identity.positions(order)
        let known = try identity.positions(server)
        var patched: [(element: JSONValue, rank: Int, known: Int?)] = []
        var others: [(element: JSONValue, rank: Int, known: Int?)] = []
        for element in elements {
            let key = try identity(element)
            if let rank = wanted[key] {
                patched.append((element, rank, known[key]))
            } else {
                others.append((element, known[key] ?? server.count, known[key]))
            }
        }
        // sorted(by:) keeps the order of equals.
        patched.sort { $0.rank < $1.rank }
        others.sort { $0.rank < $1.rank }
        var result: [JSONValue] = []
        result.reserveCapacity(elements.count)
        var left = others[...]
        for item in patched {
            while let other = left.first, let a = other.known, let b = item.known, a < b {
                result.append(other.element)
                left.removeFirst()
            }
            result.append(item.element)
        }
        return result + left.map(\.element)
    }
}
