import KubeAPI

/// Who owns whom, among all objects of a cluster, and what follows from it.
///
/// - Background: an object all of whose owners are gone is deleted.
/// - Foreground: an owner with finalizer `foregroundDeletion` goes when the dependents that block it are gone.
/// - Orphan: an owner with finalizer `orphan` goes when its dependents have forgotten it.
///
/// An owner that the graph does not know is asked for at the server before it counts as gone: its event may not have
/// come yet. Pure; a change costs as much as the object has owners and dependents.
public struct OwnershipGraph: Sendable {
    static let foreground = "foregroundDeletion"
    static let orphan = "orphan"

    struct Node: Sendable {
        let kind: APIKind
        let key: NamespacedName
        let uid: String
        let resourceVersion: String
        let owners: [OwnerReference]
        let finalizers: [String]
        let isBeingDeleted: Bool

        init(_ kind: APIKind, _ object: APIObject) {
            self.kind = kind
            key = object.key
            uid = object.uid
            resourceVersion = object.resourceVersion
            owners = object.ownerReferences
            finalizers = object.finalizers
            isBeingDeleted = object.isBeingDeleted
        }

        var waitsForDependents: Bool { isBeingDeleted && finalizers.contains(OwnershipGraph.foreground) }
        var leavesOrphans: Bool { isBeingDeleted && finalizers.contains(OwnershipGraph.orphan) }

        func reference(to uid: String) -> OwnerReference? { owners.first { $0.uid == uid } }
    }

    /// An owner to be asked for at the server.
    public struct Question: Sendable, Hashable {
        public let owner: OwnerReference
        /// Of the dependent; the owner's too unless that has none.
        public let namespace: String
    }

    public enum Judgement: Sendable, Hashable {
        case nothing
        /// Ask, tell `absent` what was not found, and judge again.
        case ask([Question])
        case write([Write])
    }

    private var nodes: [String: Node] = [:]
    private var dependents: [String: Set<String>] = [:]

    public init() {}

    public var count: Int { nodes.count }

    // MARK: - Events

    /// An object was seen. Returns the uids of what is to be judged now.
    public mutating func observe(_ kind: APIKind, _ object: APIObject) -> Set<String> {
        let node = Node(kind, object)
        let old = nodes.updateValue(node, forKey: node.uid)
        relink(node.uid, from: old?.owners ?? [], to: node.owners)
        var due: Set<String> = []
        if !node.owners.isEmpty, old?.owners != node.owners { due.insert(node.uid) }
        if node.leavesOrphans || (old != nil && node.waitsForDependents) { due.insert(node.uid) }
        if node.waitsForDependents, old?.waitsForDependents != true {
            due.insert(node.uid)
            due.formUnion(dependents[node.uid] ?? [])
        }
        // What held an owner back may not any more.
        if let old, old.owners != node.owners { due.formUnion(waitingOwners(old)) }
        return due
    }

    /// An object is gone.
    public mutating func remove(_ uid: String) -> Set<String> {
        guard let old = nodes.removeValue(forKey: uid) else { return [] }
        relink(uid, from: old.owners, to: [])
        return (dependents[uid] ?? []).union(waitingOwners(old))
    }

    private func waitingOwners(_ node: Node) -> [String] {
        node.owners.map(\.uid).filter { nodes[$0]?.waitsForDependents == true }
    }

    private mutating func relink(_ uid: String, from old: [OwnerReference], to new: [OwnerReference]) {
        for owner in old {
            dependents[owner.uid]?.remove(uid)
            if dependents[owner.uid]?.isEmpty == true { dependents[owner.uid] = nil }
        }
        for owner in new { dependents[owner.uid, default: []].insert(uid) }
    }

    // MARK: - Judgement

    /// What is to be done about an object.
    ///
    /// - Parameter absent: whether the server has said that there is no object of this uid.
    public func judge(_ uid: String, absent: (String) -> Bool) -> Judgement {
        guard let node = nodes[uid] else { return .nothing }
        if node.leavesOrphans { return .write(orphan(node)) }
        if node.waitsForDependents { return .write(release(node)) }
        guard !node.isBeingDeleted, !node.owners.isEmpty else { return .nothing }
        return judgeOwners(of: node, absent)
    }

    private func judgeOwners(of node: Node, _ absent: (String) -> Bool) -> Judgement {
        var solid: [OwnerReference] = []
        var waiting: [OwnerReference] = []
        var questions: [Question] = []
        for owner in node.owners {
            if let known = nodes[owner.uid], isMeant(known, by: owner, of: node) {
                if known.waitsForDependents { waiting.append(owner) } else { solid.append(owner) }
            } else if !absent(owner.uid) {
                questions.append(Question(owner: owner, namespace: node.key.namespace))
            }
        }
        guard questions.isEmpty else { return .ask(questions) }
        if !solid.isEmpty {
            guard solid.count < node.owners.count else { return .nothing }
            return .write([patch(node, ["ownerReferences": .array(solid.map(\.json))])])
        }
        let mine = dependents[node.uid] ?? []
        if !waiting.isEmpty, !mine.isEmpty {
            return .write(unblockCircle(node, waiting, mine) + [delete(node, .foreground)])
        }
        return .write([delete(node, propagation(node))])
    }

    /// An owner reference to an object of another namespace, which owns nothing here.
    public struct Misplacement: Sendable, Hashable {
        public let dependent: EventReport.Subject
        public let note: String
    }

    public func misplacements(_ uid: String) -> [Misplacement] {
        guard let node = nodes[uid] else { return [] }
        let (key, kind) = (node.key, node.kind)
        let dependent = EventReport.Subject(
            apiVersion: kind.apiVersion, kind: kind.kind, namespace: key.namespace, name: key.name, uid: uid)
        return node.owners.compactMap { owner in
            guard let known = nodes[owner.uid], !known.key.namespace.isEmpty, known.key.namespace != key.namespace
            else { return nil }
            let text =
                "[\(owner.apiVersion)/\(owner.kind), namespace: \(key.namespace), name: \(owner.name), "
                + "uid: \(owner.uid)]"
            return Misplacement(
                dependent: dependent, note: "ownerRef \(text) does not exist in namespace \"\(key.namespace)\"")
        }
    }

    private func isMeant(_ known: Node, by owner: OwnerReference, of node: Node) -> Bool {
        known.kind.kind == owner.kind && known.key.name == owner.name
            && (known.key.namespace.isEmpty || known.key.namespace == node.key.namespace)
    }

    private func propagation(_ node: Node) -> DeletionOptions.Propagation {
        if node.finalizers.contains(Self.orphan) { return .orphan }
        return node.finalizers.contains(Self.foreground) ? .foreground : .background
    }

    /// Two that wait for each other would wait for ever.
    private func unblockCircle(_ node: Node, _ waiting: [OwnerReference], _ mine: Set<String>) -> [Write] {
        guard mine.contains(where: { nodes[$0]?.waitsForDependents == true }) else { return [] }
        let owners = node.owners.map { owner in
            var owner = owner
            owner.blocksOwnerDeletion = false
            return owner.json
        }
        return [patch(node, ["ownerReferences": .array(owners)], checksVersion: false)]
    }

    // MARK: - Writes

    private func release(_ node: Node) -> [Write] {
        let blocks = (dependents[node.uid] ?? []).contains { uid in
            nodes[uid]?.reference(to: node.uid)?.blocksOwnerDeletion == true
        }
        return blocks ? [] : [withoutFinalizer(node, Self.foreground)]
    }

    private func orphan(_ node: Node) -> [Write] {
        let orphans = (dependents[node.uid] ?? []).sorted().compactMap { nodes[$0] }
        let patches = orphans.map { dependent in
            patch(
                dependent, ["ownerReferences": .array(dependent.owners.filter { $0.uid != node.uid }.map(\.json))])
        }
        return patches + [withoutFinalizer(node, Self.orphan)]
    }

    private func withoutFinalizer(_ node: Node, _ finalizer: String) -> Write {
        patch(node, ["finalizers": .array(node.finalizers.filter { $0 != finalizer }.map { .string($0) })])
    }

    /// Lists are replaced whole, so the object must be as it was seen.
    private func patch(_ node: Node, _ metadata: JSONValue, checksVersion: Bool = true) -> Write {
        var metadata = metadata
        metadata[path: "uid"] = .string(node.uid)
        if checksVersion { metadata[path: "resourceVersion"] = .string(node.resourceVersion) }
        return .patch(node.kind, node.key, .merge, ["metadata": metadata])
    }

    private func delete(_ node: Node, _ propagation: DeletionOptions.Propagation) -> Write {
        .delete(
            node.kind, node.key,
            DeletionOptions(propagation: propagation, uid: node.uid, resourceVersion: node.resourceVersion))
    }
}
