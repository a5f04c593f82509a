import ControlLoops
import ControllerCore
import KubeAPI
import KubeClient
import KubeSchema
import Synchronization

/// Some of what was to be done is not done; it is tried again.
struct Unfinished: Error, CustomStringConvertible {
    let description: String
}

/// The pods of a loop's objects: which they are, and what of them has been asked for and not yet been seen.
final class OwnedPods: Sendable {
    private typealias Open = Expectations<NamespacedName, ContinuousClock.Instant>

    private let loop: ObjectLoop
    private let kind: APIKind
    private let informer: Informer
    private let finalizer: String?
    private let selector: @Sendable (APIObject) -> LabelSelector
    private let expectations = Mutex(Open())

    /// - Parameter finalizer: that pods get when they are taken up.
    init(
        _ loop: ObjectLoop, finalizer: String? = nil,
        selector: @escaping @Sendable (APIObject) -> LabelSelector = { .of($0) }
    ) {
        self.loop = loop
        self.finalizer = finalizer
        self.selector = selector
        kind = loop.kind
        informer = loop.context[.pod]
        informer.addHandler { [weak self] change in self?.changed(change) }
    }

    private func changed(_ change: Informer.Change) {
        if let old = change.old { note(old, change.new) }
        guard let new = change.new else { return }
        if let owner = key(new.controller, new) {
            if change.old == nil { expectations.withLock { $0.creationObserved(owner) } }
            loop.queue.add(owner)
            waitForAvailability(new, change.old, owner)
        } else if new.controller == nil, change.old?.labels != new.labels || change.old?.controller != nil {
            adoptable(new)
        }
    }

    private func note(_ old: APIObject, _ new: APIObject?) {
        guard let owner = key(old.controller, old) else { return }
        if new == nil || (new?.isBeingDeleted == true && !old.isBeingDeleted) {
            expectations.withLock { $0.deletionObserved(owner, uid: old.uid) }
        }
        loop.queue.add(owner)
    }

    /// A pod becomes available some time after it is ready, and nothing tells that.
    private func waitForAvailability(_ new: APIObject, _ old: APIObject?, _ owner: NamespacedName) {
        guard new.isReadyPod, old?.isReadyPod != true,
            let seconds = loop.context[kind][owner]?.spec?["minReadySeconds"]?.integer, seconds > 0
        else { return }
        loop.queue.add(owner, after: .seconds(seconds + 1))
    }

    /// An orphan leads to everyone who could take it.
    private func adoptable(_ pod: APIObject) {
        for owner in loop.context[kind].objects(Indexes.namespace, pod.namespace)
        where selector(owner).matches(labels: pod.labels) {
            loop.queue.add(owner.key)
        }
    }

    private func key(_ reference: OwnerReference?, _ pod: APIObject) -> NamespacedName? {
        guard let reference, reference.kind == kind.kind else { return nil }
        return NamespacedName(namespace: pod.namespace, name: reference.name)
    }

    // MARK: - Which they are

    func owned(by owner: APIObject) -> [APIObject] { informer.objects(Indexes.controller, owner.uid) }

    /// Adopts what matches, lets go of what does not, and returns the owner's pods.
    func claim(
        _ owner: APIObject, accepts: (APIObject) -> Bool = { _ in true }
    ) async throws(ClientError) -> [APIObject] {
        let candidates = owned(by: owner) + informer.objects(Indexes.orphan, owner.namespace)
        let claims = Claims(
            of: owner, kind, selector: selector(owner), kind: .pod, candidates: candidates, finalizer: finalizer
        ) { (!$0.hasFinished || $0.controller != nil) && accepts($0) }
        try await loop.context.write(claims, for: owner, kind)
        return claims.owned
    }

    // MARK: - What has been asked for

    /// Everything that was asked for has been seen.
    func isSettled(_ key: NamespacedName) -> Bool { expectations.withLock { $0.isSatisfied(key, now: .now) } }

    func forget(_ key: NamespacedName) { expectations.withLock { $0.forget(key) } }

    /// Makes and deletes pods; the first failure.
    func perform(
        creations: [Action], deletions: [Action], uids: [String], for owner: APIObject
    ) async -> ClientError? {
        let key = owner.key
        expectations.withLock { $0.expect(creations: creations.count, deletions: uids, of: key, now: .now) }
        let made = await loop.performAll(creations, about: owner)
        if made.untried > 0 { expectations.withLock { $0.creationObserved(key, count: made.untried) } }
        let deleted = await loop.performAll(deletions, about: owner)
        if deleted.failure != nil {
            // Which of them failed does not matter: the next look counts what is there.
            expectations.withLock { open in for uid in uids { open.deletionObserved(key, uid: uid) } }
        }
        return made.failure ?? deleted.failure
    }
}

extension ControllerContext {
    /// Adoption needs the owner to be still there and not being deleted, which only the server knows.
    func write(_ claims: Claims, for owner: APIObject, _ kind: APIKind) async throws(ClientError) {
        guard !claims.writes.isEmpty else { return }
        let live = try await client.get(kind.resource, owner.key)
        guard live.uid == owner.uid, !live.isBeingDeleted else { return }
        for claim in claims.writes {
            do {
                try await write(claim)
            } catch  where error.isNotFound || error.isInvalid {
                // It is gone, or another has it.
            }
        }
    }
}
