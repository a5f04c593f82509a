import KubeAPI

/// metadata.managedFields: who owns which fields.
struct ManagedFields: Sendable, Hashable {
    enum Operation: String, Sendable { case apply = "Apply", update = "Update" }

    /// What makes an entry one of its own.
    struct Manager: Sendable, Hashable {
        var name: String
        var operation: Operation
        /// Empty for Apply, whose entry follows the version last applied.
        var apiVersion: String
        var subresource: String

        init(_ name: String, _ operation: Operation, apiVersion: String, subresource: String) {
            self.name = name.isEmpty ? "unknown" : name
            self.operation = operation
            self.apiVersion = operation == .apply ? "" : apiVersion
            self.subresource = subresource
        }

        /// As in messages about conflicts.
        var shown: String {
            var text = JSONWriter.text(.string(name))
            if !subresource.isEmpty { text += " with subresource \(JSONWriter.text(.string(subresource)))" }
            return operation == .update ? "\(text) using \(apiVersion)" : text
        }
    }

    struct Entry: Sendable, Hashable {
        var apiVersion: String
        /// RFC 3339; nil when unknown.
        var time: String?
        var fields: FieldSet
    }

    var entries: [Manager: Entry] = [:]

    /// The bucket of the oldest updaters.
    static let ancientChanges = "ancient-changes"
    static let maximumUpdaters = 10

    init() {}

    /// nil when an entry cannot be read.
    init?(json: JSONValue?) {
        guard let json, json != .null else { return }
        guard case .array(let list) = json else { return nil }
        for item in list {
            guard let operation = item["operation"]?.string.flatMap(Operation.init(rawValue:)),
                (item["fieldsType"]?.string ?? "FieldsV1") == "FieldsV1",
                let fields = FieldSet(fieldsV1: item["fieldsV1"] ?? .emptyObject)
            else { return nil }
            let apiVersion = item["apiVersion"]?.string ?? ""
            let manager = Manager(
                item["manager"]?.string ?? "", operation, apiVersion: apiVersion,
                subresource: item["subresource"]?.string ?? "")
            entries[manager] = Entry(apiVersion: apiVersion, time: item["time"]?.string, fields: fields)
        }
    }

    /// Sorted as upstream does; nil when nobody owns anything.
    var json: JSONValue? {
        guard !entries.isEmpty else { return nil }
        return .array(entries.sorted(by: Self.stands).map { Self.json($0, $1) })
    }

    private static func stands(_ a: (key: Manager, value: Entry), before b: (key: Manager, value: Entry)) -> Bool {
        if a.key.operation != b.key.operation { return a.key.operation == .apply }
        let (first, second) = (seconds(a.value.time), seconds(b.value.time))
        if first != second { return first < second }
        if a.key.name != b.key.name { return a.key.name < b.key.name }
        if a.value.apiVersion != b.value.apiVersion { return a.value.apiVersion < b.value.apiVersion }
        return a.key.subresource < b.key.subresource
    }

    private static func seconds(_ time: String?) -> Int64 { time.flatMap(RFC3339.seconds) ?? 0 }

    private static func json(_ manager: Manager, _ entry: Entry) -> JSONValue {
        var members: [JSONObject.Member] = [
            .init("manager", .string(manager.name)), .init("operation", .string(manager.operation.rawValue)),
            .init("apiVersion", .string(entry.apiVersion)),
        ]
        if let time = entry.time { members.append(.init("time", .string(time))) }
        members += [.init("fieldsType", "FieldsV1"), .init("fieldsV1", entry.fields.fieldsV1)]
        if !manager.subresource.isEmpty { members.append(.init("subresource", .string(manager.subresource))) }
        return .object(JSONObject(members))
    }

    // MARK: - Changes

    mutating func dropEmpty() { entries = entries.filter { !$0.value.fields.isEmpty } }

    /// What others own of `fields`.
    func owners(of fields: FieldSet, except manager: Manager?) -> [(manager: Manager, fields: FieldSet)] {
        guard !fields.isEmpty else { return [] }
        return entries.compactMap { other, entry in
            guard other != manager else { return nil }
            let shared = entry.fields.intersection(fields)
            return shared.isEmpty ? nil : (other, shared)
        }
    }

    mutating func take(_ fields: FieldSet, fromAllBut manager: Manager?) {
        guard !fields.isEmpty else { return }
        for other in entries.keys where other != manager {
            if let owned = entries[other]?.fields { entries[other]?.fields = owned.difference(fields) }
        }
    }

    /// Merges the oldest updaters when there are more than `maximumUpdaters`.
    mutating func capUpdaters() {
        var count = entries.keys.count { $0.operation == .update }
        guard count > Self.maximumUpdaters else { return }
        let oldest = entries.filter { $0.key.operation == .update }.sorted {
            let (first, second) = (Self.seconds($0.value.time), Self.seconds($1.value.time))
            return first != second ? first < second : $0.key.name < $1.key.name
        }
        var firsts: [String: Manager] = [:]
        for (manager, entry) in oldest where count > Self.maximumUpdaters {
            let bucket = Manager(Self.ancientChanges, .update, apiVersion: entry.apiVersion, subresource: "")
            guard let first = firsts[entry.apiVersion] else {
                firsts[entry.apiVersion] = manager
                continue
            }
            if entries[bucket] == nil { entries[bucket] = entries.removeValue(forKey: first) }
            let merged = entry.fields.union(entries[bucket]?.fields ?? FieldSet())
            entries[manager] = nil
            entries[bucket] = Entry(apiVersion: entry.apiVersion, time: entry.time, fields: merged)
            count -= 1
        }
    }
}
