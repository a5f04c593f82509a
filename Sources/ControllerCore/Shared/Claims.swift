import KubeAPI
import KubeSchema

/// Which objects belong to an owner, and what to do so that their owner references say it.
public struct Claims: Sendable {
    /// Objects that the owner has, or is about to have.
    public var owned: [APIObject] = []
    public var writes: [Write] = []

    /// Takes up orphans that match, and lets go of what matches no more, as upstream's ControllerRefManager.
    ///
    /// - Parameters:
    ///   - candidates: objects of the owner's namespace: at least those it controls and those nobody controls.
    ///   - finalizer: that what is taken up gets.
    public init(
        of owner: APIObject, _ ownerKind: APIKind, selector: LabelSelector, kind: APIKind, candidates: [APIObject],
        finalizer: String? = nil, accepts: (APIObject) -> Bool = { _ in true }
    ) {
        for object in candidates {
            let matches = selector.matches(labels: object.labels) && accepts(object)
            if let controller = object.controller {
                guard controller.uid == owner.uid else { continue }
                if matches {
                    owned.append(object)
                } else if !owner.isBeingDeleted {
                    writes.append(Self.release(object, kind, from: owner))
                }
            } else if matches, !owner.isBeingDeleted, !object.isBeingDeleted {
                var adopted = object
                let reference = OwnerReference(owner, ownerKind)
                adopted[path: "metadata", "ownerReferences"] = .array(
                    (object.metadata?["ownerReferences"]?.array ?? []) + [reference.json])
                if let finalizer, !object.finalizers.contains(finalizer) {
                    adopted[path: "metadata", "finalizers"] = .array(
                        (object.finalizers + [finalizer]).map { .string($0) })
                }
                owned.append(adopted)
                writes.append(Self.adopt(object, kind, reference, finalizer))
            }
        }
    }

    private static func adopt(
        _ object: APIObject, _ kind: APIKind, _ reference: OwnerReference, _ finalizer: String?
    ) -> Write {
        var metadata: JSONValue = ["ownerReferences": [reference.json], "uid": .string(object.uid)]
        if let finalizer { metadata[path: "finalizers"] = [.string(finalizer)] }
        return .patch(kind, object.key, .strategic, ["metadata": metadata])
    }

    private static func release(_ object: APIObject, _ kind: APIKind, from owner: APIObject) -> Write {
        .patch(
            kind, object.key, .strategic,
            [
                "metadata": [
                    "ownerReferences": [["$patch": "delete", "uid": .string(owner.uid)]], "uid": .string(object.uid),
                ]
            ])
    }
}

extension OwnerReference {
    /// To the controller of an object.
    public init(_ owner: APIObject, _ kind: APIKind) {
        self.init(apiVersion: kind.apiVersion, kind: kind.kind, name: owner.name, uid: owner.uid)
    }
}

extension LabelSelector {
    /// `spec.selector` of a workload; one that cannot be read matches nothing.
    public static func of(_ object: APIObject) -> LabelSelector {
        (try? LabelSelector(json: object.spec?["selector"])) ?? .nothing
    }
}
