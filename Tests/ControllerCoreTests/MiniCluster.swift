import ControllerCore
import KubeAPI
import Testing

/// Objects in a table, changed by writes: enough of an API server to see what decisions lead to.
struct MiniCluster {
    struct Conflict: Error {}

    private(set) var objects: [APIKind: [NamespacedName: APIObject]] = [:]
    private var revision = 0
    /// uids of what was deleted and is held by finalizers.
    private var leaving: Set<String> = []
    var events: [String] = []
    /// How many writes there were.
    var writes: [Write] = []
    /// Nanoseconds since 1970.
    var now: Int64 = 1_800_000_000 * Timestamp.second

    subscript(kind: APIKind) -> [APIObject] {
        (objects[kind] ?? [:]).values.sorted { $0.key < $1.key }
    }

    subscript(kind: APIKind, name: String) -> APIObject? {
        objects[kind]?[NamespacedName(namespace: kind.resource.isNamespaced ? "n" : "", name: name)]
    }

    mutating func pass(seconds: Int64) { now += seconds * Timestamp.second }

    @discardableResult
    mutating func add(_ kind: APIKind, _ json: JSONValue) -> APIObject {
        revision += 1
        var json = json
        if json["metadata"]?["name"] == nil {
            let prefix = json["metadata"]?["generateName"]?.string ?? ""
            json[path: "metadata", "name"] = .string("\(prefix)\(revision)")
        }
        if kind.resource.isNamespaced { json[path: "metadata", "namespace"] = "n" }
        json[path: "metadata", "uid"] = .string("uid-\(revision)")
        json[path: "metadata", "generation"] = 1
        json[path: "metadata", "creationTimestamp"] = Timestamp.text(now)
        json[path: "metadata", "resourceVersion"] = .string("\(revision)")
        guard let object = try? APIObject(json: json) else { fatalError("an object of a test has a name") }
        objects[kind, default: [:]][object.key] = object
        return object
    }

    /// Changes an object as a user or another controller does.
    mutating func change(_ kind: APIKind, _ name: String, _ body: (inout APIObject) -> Void) {
        guard let old = self[kind, name] else { return }
        var new = old
        body(&new)
        store(kind, old, new)
    }

    private mutating func store(_ kind: APIKind, _ old: APIObject, _ new: APIObject) {
        revision += 1
        var new = new
        if new.spec != old.spec { new[path: "metadata", "generation"] = .integer(old.generation + 1) }
        new[path: "metadata", "resourceVersion"] = .string("\(revision)")
        objects[kind, default: [:]][old.key] = new
    }

    mutating func remove(_ kind: APIKind, _ name: String) {
        guard let object = self[kind, name] else { return }
        objects[kind]?[object.key] = nil
    }

    /// Performs a decision as the shell does.
    mutating func perform(_ decision: Decision) throws {
        events += decision.events.map { "\($0.reason): \($0.note)" }
        for action in decision.actions {
            let name = try perform(action.write)
            if let text = action.success {
                events.append("\(text.reason): \(text.note.replacing("{name}", with: name))")
            }
        }
    }

    @discardableResult
    mutating func perform(_ write: Write) throws -> String {
        writes.append(write)
        switch write {
        case .create(let kind, _, let json): return add(kind, json).name
        case .update(let kind, let object, let subresource):
            guard let old = objects[kind]?[object.key], old.resourceVersion == object.resourceVersion else {
                throw Conflict()
            }
            var new = object
            if subresource == "status" {
                new = old
                new["status"] = object.status
            } else if subresource == nil {
                new["status"] = old.status
            }
            store(kind, old, new)
            return object.name
        case .patch(let kind, let key, _, let body, _):
            guard let old = objects[kind]?[key] else { throw Conflict() }
            store(kind, old, APIObject(old, json: Self.merged(old.json, body)))
            if leaving.contains(old.uid), objects[kind]?[key]?.finalizers.isEmpty == true {
                objects[kind]?[key] = nil
            }
            return key.name
        case .delete(let kind, let key, _):
            guard let old = objects[kind]?[key] else { return key.name }
            if old.finalizers.isEmpty {
                objects[kind]?[key] = nil
            } else {
                var new = old
                new[path: "metadata", "deletionTimestamp"] = Timestamp.text(now)
                store(kind, old, new)
                leaving.insert(old.uid)
            }
            return key.name
        }
    }

    /// JSON merge patch (RFC 7396).
    private static func merged(_ target: JSONValue, _ patch: JSONValue) -> JSONValue {
        guard let members = patch.object?.members else { return patch }
        var result = target.object == nil ? .emptyObject : target
        for member in members {
            result[path: member.key] =
                member.value == .null ? nil : merged(result[member.key] ?? .null, member.value)
        }
        return result
    }

    func owned(_ kind: APIKind, by owner: APIObject) -> [APIObject] {
        self[kind].filter { $0.controller?.uid == owner.uid }
    }

    // MARK: - Others' work

    /// Makes a pod ready, or not.
    mutating func setReady(_ pod: String, _ isReady: Bool = true, ip: String? = nil) {
        let now = now
        change(.pod, pod) { pod in
            var status: JSONValue = ["phase": "Running"]
            if let ip { status[path: "podIPs"] = [["ip": .string(ip)]] }
            Conditions.set(Condition("Ready", isReady), in: &status, now: now)
            pod["status"] = status
        }
    }

    /// One look of the ReplicaSet controller at each set.
    mutating func runReplicaSets() throws {
        for set in self[.replicaSet] {
            let scaling = ReplicaSets.scale(set, .replicaSet, pods: owned(.pod, by: set))
            for action in scaling.creations + scaling.deletions { try perform(Decision([action])) }
            guard let set = self[.replicaSet, set.name] else { continue }
            try perform(ReplicaSets.status(set, .replicaSet, pods: owned(.pod, by: set), now: now))
        }
    }

    mutating func runDeployment(_ name: String) throws {
        guard let deployment = self[.deployment, name] else { return }
        let cluster = self
        let decision = Deployments.decide(
            deployment, sets: owned(.replicaSet, by: deployment),
            hasRunningPods: { uids in cluster[.pod].contains { uids.contains($0.controller?.uid ?? "") } }, now: now)
        do { try perform(decision) } catch is Conflict {}
    }
}
