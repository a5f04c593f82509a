import KubeAPI

/// Kubernetes' own patch: a merge patch that merges lists too, where the schema says how, with directives:
///
/// | Directive | Where | Meaning |
/// |---|---|---|
/// | `$patch: replace` | object | takes the place of the old object |
/// | `$patch: delete` | object; element of a list | goes |
/// | `$patch: replace` | element of a list | the other elements take the place of the list |
/// | `$retainKeys: [k]` | object | the keys that stay |
/// | `$setElementOrder/f: […]` | object | the order of list `f`, by key or value |
/// | `$deleteFromPrimitiveList/f: […]` | object | values that leave list `f` |
public struct StrategicMergePatch: Sendable {
    let schema: Schema

    public init(schema: Schema) { self.schema = schema }

    /// The patched object; not normalized, so defaults and Go's rules for empty values are still to come.
    public func apply(
        _ patch: JSONValue, to document: JSONValue, as type: TypeReference
    ) throws(PatchRefusal) -> JSONValue {
        guard case .object(let changes) = patch else { throw .wrongForm(patch, "map[string]interface {}") }
        guard case .object(let original) = document else { throw PatchRefusal(.badRequest, "invalid JSON document") }
        return .object(try merge(changes, into: original, .type(type)))
    }

    /// What is known of a value's form.
    enum Shape {
        case known(FieldShape)
        case unknown

        static func type(_ type: TypeReference) -> Shape { .known(.type(type)) }
    }

    enum Directive {
        static let patch = "$patch"
        static let retainKeys = "$retainKeys"
        static let order = "$setElementOrder/"
        static let deletion = "$deleteFromPrimitiveList/"
    }

    // MARK: - Objects

    func merge(_ patch: JSONObject, into original: JSONObject, _ shape: Shape) throws(PatchRefusal) -> JSONObject {
        var changes = OrderedMembers(patch)
        if let directive = changes[Directive.patch] {
            switch directive.string {
            case "replace":
                changes[Directive.patch] = nil
                return changes.object
            case "delete": return JSONObject()
            default:
                throw PatchRefusal(
                    .internal, "unknown patch type: '\(shown(directive))' in map: \(shown(.object(patch)))")
            }
        }
        var members = OrderedMembers(original)
        try retainKeys(&members, &changes)
        try mergeOrderedLists(&members, &changes, shape)
        for change in changes.members { try merge(change, into: &members, shape) }
        return members.object
    }

    private func merge(
        _ change: JSONObject.Member, into members: inout OrderedMembers, _ shape: Shape
    ) throws(PatchRefusal) {
        let isDeletion = change.key.hasPrefix(Directive.deletion)
        let key = isDeletion ? String(change.key.dropFirst(Directive.deletion.count)) : change.key
        guard change.value != .null else {
            members[key] = nil
            return
        }
        let field = field(key, of: shape)
        switch (members.take(key), change.value) {
        case (.object(let old)?, .object(let new)) where !isDeletion:
            let result = field.strategy == "replace" ? new : try merge(new, into: old, field.shape)
            members[key] = .object(result)
        case (.array(let old)?, .array(let new)):
            if isDeletion {
                let gone = Set(new)
                members[key] = .array(old.filter { !gone.contains($0) })
            } else {
                let merges = field.strategy == "merge"
                members[key] = .array(merges ? try merge(new, into: old, field) : new)
            }
        case (let old, let new):
            members[key] = isDeletion ? old : withoutDirectives(MergePatch.withoutNulls(new))
        }
    }

    private func retainKeys(_ members: inout OrderedMembers, _ changes: inout OrderedMembers) throws(PatchRefusal) {
        guard let directive = changes[Directive.retainKeys] else { return }
        changes[Directive.retainKeys] = nil
        let refusal = PatchRefusal(.badRequest, "invalid patch format of retainKeys")
        guard case .array(let list) = directive else { throw refusal }
        let kept = Set(list.compactMap(\.string))
        for change in changes.members where change.value != .null && !isListDirective(change.key) {
            guard kept.contains(change.key) else { throw refusal }
        }
        members.removeAll { !kept.contains($0.key) }
    }

    private func isListDirective(_ key: String) -> Bool {
        key.hasPrefix(Directive.deletion) || key.hasPrefix(Directive.order)
    }

    // MARK: - Schema

    struct Field {
        var shape: Shape
        /// Of the elements, when it is a list.
        var element: Shape
        var strategy: String?
        var mergeKey: String?
    }

    func field(_ key: String, of shape: Shape) -> Field {
        switch shape {
        case .known(.type(let reference)):
            guard let field = schema[reference].field(key) else { break }
            var element = Shape.unknown
            if case .array(let shape) = field.shape { element = .known(shape) }
            // retainKeys stands beside the strategy proper.
            let strategy = field.patchStrategies.first { $0 != "retainKeys" }
            return Field(
                shape: .known(field.shape), element: element, strategy: strategy, mergeKey: field.patchMergeKey)
        case .known(.map(let value)): return Field(shape: .known(value), element: .unknown)
        default: break
        }
        return Field(shape: .unknown, element: .unknown)
    }

    // MARK: - What is new

    /// A value of the patch that meets nothing: directives say nothing there, and deleted elements are not.
    func withoutDirectives(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            let members = object.members.filter { $0.key.utf8.first != UInt8(ascii: "$") || !isDirective($0.key) }
            return .object(JSONObject(members.map { JSONObject.Member($0.key, withoutDirectives($0.value)) }))
        case .array(let array):
            return .array(array.filter { $0[Directive.patch] == nil || isPlain($0) }.map(withoutDirectives))
        default: return value
        }
    }

    private func isDirective(_ key: String) -> Bool {
        key == Directive.patch || key == Directive.retainKeys || isListDirective(key)
    }

    /// An element whose directive does not take it away: it has other members, and is not to be deleted.
    private func isPlain(_ element: JSONValue) -> Bool {
        element[Directive.patch]?.string != "delete" && (element.object?.members.count ?? 0) > 1
    }

    func shown(_ value: JSONValue) -> String {
        let text = value.string ?? JSONWriter.text(value)
        return text.utf8.count > 400 ? String(text.prefix(400)) + "…" : text
    }
}
