import KubeAPI

/// Field management (KEP-555): who owns which field of an object, and applying a configuration that says only what its
/// owner cares for. The algorithm is that of sigs.k8s.io/structured-merge-diff and apimachinery's managedfields.
///
/// - An *update* (create, PUT, patch) gives what it changes to its manager and takes that from all others.
/// - An *apply* merges its configuration into the object, removes what the manager applied before and no longer does
///   unless somebody else owns it, and conflicts where it would change what others own, unless forced.
public struct ServerSideApply: Sendable {
    /// Who writes, how and when.
    public struct Writer: Sendable {
        /// fieldManager, or the product's name in User-Agent.
        public var manager: String
        /// `apps/v1`
        public var apiVersion: String
        /// Empty for the resource itself.
        public var subresource: String
        /// What the operation cannot change and therefore does not own.
        public var resetFields: FieldSet
        /// RFC 3339 in seconds.
        public var now: String

        public init(
            manager: String, apiVersion: String, subresource: String = "", resetFields: FieldSet = FieldSet(),
            now: String
        ) {
            self.manager = manager
            self.apiVersion = apiVersion
            self.subresource = subresource
            self.resetFields = resetFields
            self.now = now
        }
    }

    let schema: Schema
    let type: TypeReference

    public init(schema: Schema, type: TypeReference) {
        self.schema = schema
        self.type = type
    }

    /// What nobody owns.
    static let systemFields = FieldSet(paths: [
        ["apiVersion"], ["kind"], ["metadata"], ["metadata", "name"], ["metadata", "namespace"],
        ["metadata", "creationTimestamp"], ["metadata", "selfLink"], ["metadata", "uid"], ["metadata", "clusterName"],
        ["metadata", "generation"], ["metadata", "managedFields"], ["metadata", "resourceVersion"],
    ])

    private static let beforeFirstApply = "before-first-apply"

    // MARK: - Update

    /// `new` with the managedFields that it has after this write. `live` is nil for a create. Both are canonical.
    public func updating(_ new: JSONValue, from live: JSONValue?, by writer: Writer) -> JSONValue {
        var new = new
        let request = new[path: "metadata", "managedFields"]
        new[path: "metadata", "managedFields"] = nil
        var managed = given(request, live: live, isSubresource: !writer.subresource.isEmpty)
        // Whoever cleared the managers of an object wants them to stay away.
        if live == nil || !managed.entries.isEmpty { update(&managed, from: live, to: new, by: writer) }
        return new.withManagedFields(managed.json)
    }

    /// The managers before the write: those of the request, where it names any, or those of the live object. `[{}]`
    /// means none.
    private func given(_ request: JSONValue?, live: JSONValue?, isSubresource: Bool) -> ManagedFields {
        let before = { ManagedFields(json: live?[path: "metadata", "managedFields"]) ?? ManagedFields() }
        if isSubresource { return before() }
        if case .array(let list)? = request, list.count == 1, isEmptyEntry(list[0]) { return ManagedFields() }
        guard let managed = ManagedFields(json: request), !managed.entries.isEmpty else { return before() }
        return managed
    }

    /// `{}`, or what Go makes of it.
    private func isEmptyEntry(_ entry: JSONValue) -> Bool {
        entry.object?.members.allSatisfy { $0.value == .null || $0.value == "" } ?? false
    }

    private func update(_ managed: inout ManagedFields, from live: JSONValue?, to new: JSONValue, by writer: Writer) {
        let old = live.map(\.withoutManagedFields) ?? schema.zeroObject(type)
        let comparison = schema.compare(old, new, at: .record(type)).without(writer.resetFields)
        managed.take(comparison.changed, fromAllBut: nil)
        managed.take(comparison.removed, fromAllBut: nil)
        let taken = comparison.changed.difference(Self.systemFields)
        if !taken.isEmpty {
            let manager = ManagedFields.Manager(
                writer.manager, .update, apiVersion: writer.apiVersion, subresource: writer.subresource)
            let owned = managed.entries[manager]?.fields ?? FieldSet()
            managed.entries[manager] = ManagedFields.Entry(
                apiVersion: writer.apiVersion, time: writer.now, fields: owned.union(taken))
        }
        managed.dropEmpty()
        managed.capUpdaters()
    }

    // MARK: - Apply

    /// The live object with the configuration in it and its new managedFields; defaults are still to come. `live` is nil
    /// when there is none yet. Throws what the client gets: 409 with a cause for each conflict, 400 or 500.
    public func applying(
        _ configuration: JSONValue, to live: JSONValue?, by writer: Writer, force: Bool
    ) throws(Status) -> JSONValue {
        try check(configuration, writer)
        var managed = ManagedFields(json: live?[path: "metadata", "managedFields"]) ?? ManagedFields()
        let old = (live ?? .emptyObject).withoutManagedFields
        if managed.entries.isEmpty, live != nil {
            var first = writer
            first.manager = Self.beforeFirstApply
            update(&managed, from: nil, to: old, by: first)
        }
        let manager = ManagedFields.Manager(
            writer.manager, .apply, apiVersion: writer.apiVersion, subresource: writer.subresource)
        let last = managed.entries[manager]
        let applied = schema.fieldSet(of: configuration, at: .record(type)).recursiveDifference(writer.resetFields)
        managed.entries[manager] = ManagedFields.Entry(
            apiVersion: writer.apiVersion, time: last?.time, fields: applied)
        let merged = schema.merge(old, mergeable(configuration), at: .record(type)) ?? old
        let new = prune(merged, managed, last: last?.fields ?? FieldSet())
        let comparison = schema.compare(old, new, at: .record(type)).without(writer.resetFields)
        let conflicts = managed.owners(of: comparison.changed, except: manager)
        if !force { try refuse(conflicts, unless: lastAppliedFields(of: old, writer)) }
        for conflict in conflicts { managed.take(conflict.fields, fromAllBut: manager) }
        managed.take(comparison.removed, fromAllBut: manager)
        let owned = applied.difference(Self.systemFields)
        let hasChanged = !comparison.isEmpty || owned != last?.fields
        managed.entries[manager]?.fields = owned
        if hasChanged { managed.entries[manager]?.time = writer.now }
        managed.dropEmpty()
        return updatingLastApplied(new, configuration, old, writer).withManagedFields(managed.json)
    }

    private func check(_ configuration: JSONValue, _ writer: Writer) throws(Status) {
        let version = configuration["apiVersion"]?.string ?? ""
        guard version == writer.apiVersion else {
            throw PatchRefusal(
                .badRequest,
                "Incorrect version specified in apply patch. Specified patch version: \(version), expected: \(writer.apiVersion)"
            ).status
        }
        guard (configuration[path: "metadata", "managedFields"] ?? .null) == .null else {
            throw PatchRefusal(.badRequest, "metadata.managedFields must be nil").status
        }
        do {
            try schema.check(configuration, at: .record(type))
        } catch {
            let identity = configuration["metadata"]
            let names = "\(identity?["namespace"]?.string ?? "")/\(identity?["name"]?.string ?? "")"
            let kind = configuration["kind"]?.string ?? ""
            let groupVersion = version.contains("/") ? version : "/\(version)"
            throw PatchRefusal(
                .internal,
                "failed to create typed patch object (\(names); \(groupVersion), Kind=\(kind)): \(error.path): \(error.reason)"
            ).status
        }
    }

    /// Some clients send the null that Go once wrote for a missing time; it must not take the live one away.
    private func mergeable(_ configuration: JSONValue) -> JSONValue {
        guard configuration[path: "metadata", "creationTimestamp"] == .null else { return configuration }
        var configuration = configuration
        configuration[path: "metadata", "creationTimestamp"] = nil
        return configuration
    }

    /// Removes what the manager applied last time, not now, and nobody else owns.
    private func prune(_ merged: JSONValue, _ managed: ManagedFields, last: FieldSet) -> JSONValue {
        let owned = managed.entries.values.reduce(FieldSet()) { $0.union($1.fields) }
        guard !last.difference(owned).isEmpty else { return merged }
        let root = Place.record(type)
        func named(_ set: FieldSet) -> FieldSet { set.withNamedFields(schema, at: root) }
        func fields(_ value: JSONValue) -> FieldSet { named(schema.fieldSet(of: value, at: root)) }
        func removing(_ set: FieldSet) -> JSONValue { schema.remove(set, from: merged, at: root) ?? .emptyObject }
        let (all, before) = (fields(merged), named(last))
        let kept = fields(removing(before)).union(named(owned))
        let left = fields(removing(all.difference(kept)))
        return removing(all.difference(left).intersection(before))
    }

    // MARK: - Conflicts

    private func refuse(
        _ conflicts: [(manager: ManagedFields.Manager, fields: FieldSet)], unless allowed: FieldSet
    ) throws(Status) {
        let open = conflicts.map { ($0.manager.shown, $0.fields.difference(allowed).shownPaths) }
            .filter { !$0.1.isEmpty }.sorted { $0.0 < $1.0 }
        guard !open.isEmpty else { return }
        let count = open.reduce(0) { $0 + $1.1.count }
        var message: String
        if count == 1 {
            message = "Apply failed with 1 conflict: conflict with \(open[0].0): \(open[0].1[0])"
        } else {
            let lines = open.flatMap { manager, paths in ["conflicts with \(manager):"] + paths.map { "- \($0)" } }
            message = "Apply failed with \(count) conflicts: \(lines.joined(separator: "\n"))"
        }
        let causes = open.flatMap { manager, paths in
            paths.map { Status.Cause(reason: "FieldManagerConflict", message: "conflict with \(manager)", field: $0) }
        }
        throw Status(code: 409, reason: "Conflict", message: message, causes: causes)
    }

    // MARK: - kubectl's annotation

    private static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

    /// What client-side `kubectl apply` applied and is still so: `kubectl apply --server-side` takes it over without
    /// conflict.
    private func lastAppliedFields(of live: JSONValue, _ writer: Writer) -> FieldSet {
        guard writer.manager == "kubectl", let text = live[path: "metadata", "annotations", Self.lastApplied]?.string,
            let configuration = try? JSONParser.parse(text), configuration["apiVersion"]?.string == writer.apiVersion
        else { return FieldSet() }
        let comparison = schema.compare(configuration, live, at: .record(type))
        return schema.fieldSet(of: configuration, at: .record(type)).difference(comparison.modified)
            .difference(comparison.added).difference(comparison.removed)
    }

    /// Keeps the annotation current, so that client-side apply goes on working.
    private func updatingLastApplied(
        _ new: JSONValue, _ configuration: JSONValue, _ live: JSONValue, _ writer: Writer
    ) -> JSONValue {
        guard writer.manager == "kubectl", live[path: "metadata", "annotations", Self.lastApplied] != nil else {
            return new
        }
        var applied = configuration
        applied[path: "metadata", "annotations", Self.lastApplied] = nil
        var new = new
        new[path: "metadata", "annotations", Self.lastApplied] = .string(JSONWriter.text(applied.sorted) + "\n")
        return new
    }
}

extension JSONValue {
    fileprivate var withoutManagedFields: JSONValue {
        var value = self
        value[path: "metadata", "managedFields"] = nil
        return value
    }

    fileprivate func withManagedFields(_ list: JSONValue?) -> JSONValue {
        var value = self
        value[path: "metadata", "managedFields"] = list
        return value
    }

    /// Members by name, as Go writes maps.
    fileprivate var sorted: JSONValue {
        switch self {
        case .object(let object):
            .object(
                JSONObject(
                    object.members.map { .init($0.key, $0.value.sorted) }.sorted {
                        $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
                    }))
        case .array(let array): .array(array.map(\.sorted))
        default: self
        }
    }
}
