import KubeAPI

/// ControllerRevisions: the templates that a DaemonSet or StatefulSet has had.
struct Revisions {
    static let label = "controller-revision-hash"

    let owner: APIObject
    let ownerKind: APIKind
    /// Oldest first.
    let known: [APIObject]
    /// What is kept of the owner.
    private let data: JSONValue

    init(_ owner: APIObject, _ kind: APIKind, known: [APIObject]) {
        self.owner = owner
        ownerKind = kind
        self.known = known.sorted { ($0.number, $0.name) < ($1.number, $1.name) }
        var template = owner.spec?["template"] ?? .emptyObject
        template[path: "$patch"] = "replace"
        data = ["spec": ["template": template]]
    }

    /// The one that holds the present template, if there is one.
    var current: APIObject? { known.last { $0["data"]?.isEquivalent(to: data) == true } }

    private var collisions: Int64 { owner.status?["collisionCount"]?.integer ?? 0 }

    /// What pods of the present template bear as `controller-revision-hash`, also before its revision is there.
    var hash: String { current?.label(Self.label) ?? PodTemplate.hash(owner.spec?["template"], collisions: collisions) }

    var name: String { current?.name ?? "\(owner.name)-\(hash)" }

    /// Sees to a revision for the present template, as the newest; and forgets the oldest.
    ///
    /// - Parameter inUse: names of revisions that pods have.
    func writes(inUse: Set<String>) -> [Write] {
        var writes: [Write] = []
        let next = (known.last?.number ?? 0) + 1
        if let current {
            if current.number != next - 1 {
                writes.append(
                    .patch(.controllerRevision, current.key, .merge, ["revision": .integer(next)]))
            }
        } else {
            writes.append(.create(.controllerRevision, namespace: owner.namespace, object(next)))
        }
        let limit = Int(clamping: max(0, owner.spec?["revisionHistoryLimit"]?.integer ?? 10))
        let unused = known.filter { !inUse.contains($0.name) && $0.uid != current?.uid }
        for old in unused.prefix(max(0, unused.count - limit)) { writes.append(.delete(.controllerRevision, old)) }
        return writes
    }

    private func object(_ number: Int64) -> JSONValue {
        var labels = owner.spec?["template"]?["metadata"]?["labels"] ?? .emptyObject
        labels[path: Self.label] = .string(hash)
        return [
            "apiVersion": "apps/v1", "kind": "ControllerRevision",
            "metadata": [
                "name": .string(name), "namespace": .string(owner.namespace), "labels": labels,
                "ownerReferences": [OwnerReference(owner, ownerKind).json],
            ], "data": data, "revision": .integer(number),
        ]
    }
}

/// A ControllerRevision whose name is taken.
public enum RevisionCollisions {
    /// Another hash is taken from now on, unless `existing` is what was to be made.
    public static func resolve(_ owner: APIObject, _ kind: APIKind, existing: APIObject) -> Decision {
        let isOurs = existing.controller?.uid == owner.uid
        guard !isOurs || Revisions(owner, kind, known: [existing]).current == nil else { return Decision() }
        var status = owner.status ?? .emptyObject
        status[path: "collisionCount"] = .integer((status["collisionCount"]?.integer ?? 0) &+ 1)
        return Decision(owner.changing(status: status).map { [Action(.updateStatus(kind, $0))] } ?? [])
    }
}

extension APIObject {
    /// Of a ControllerRevision.
    fileprivate var number: Int64 { self["revision"]?.integer ?? 0 }
}
