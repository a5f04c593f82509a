import EtcdAPI
import FoundationEssentials
import Store
import StoreCore

/// Keys below a name, served in the order of their creation: the queue that locks and elections share. A member's key
/// carries its lease, so that its place goes with the lease.
struct Turn: Sendable {
    let store: EmbeddedStore
    let prefix: Bytes

    init(_ store: EmbeddedStore, name: Data) {
        self.store = store
        prefix = Bytes(name) + Bytes("/".utf8)
    }

    /// A place in the queue.
    struct Place: Sendable {
        let key: Bytes
        /// The key's creation.
        let revision: Revision
        let lease: LeaseID
        /// The value that was there, if the lease had the place already.
        let existing: KeyValue?
    }

    /// Takes the lease's place, or finds it. `lease` 0 makes one of a minute, as etcd's sessions are.
    func enter(lease: LeaseID, value: Bytes) async throws -> Place {
        var lease = lease
        if lease == 0 { lease = try await store.grantLease(0, seconds: 60).id }
        let key = prefix + Bytes(String(UInt64(bitPattern: lease), radix: 16).utf8)
        let range = KeyRange(key: key)
        let result = try await store.apply(
            Transaction(
                compares: [Compare(range, .equal, .createRevision(0))],
                success: [.put(.init(key, value, lease: lease))], failure: [.range(RangeQuery(range))]))
        if case .range(let found) = result.results.first, let existing = found.keyValues.first {
            return Place(key: key, revision: existing.createRevision, lease: lease, existing: existing)
        }
        return Place(key: key, revision: result.revision, lease: lease, existing: nil)
    }

    /// Returns when all places before are gone; gives up the own place when cancelled.
    func wait(for place: Place) async throws {
        do {
            while let (before, revision) = try await lastBefore(place.revision) {
                let watch = try await store.watch(KeyRange(key: before.key), from: revision + 1)
                while try await !watch.next(patience: nil).events.contains(where: { $0.kind == .delete }) {}
            }
        } catch {
            try? await leave(place)
            throw error
        }
    }

    private func lastBefore(_ creation: Revision) async throws -> (KeyValue, Revision)? {
        var query = RangeQuery(KeyRange(prefix: prefix))
        query.maxCreateRevision = creation - 1
        query.sortTarget = .create
        query.sortOrder = .descend
        query.limit = 1
        let (result, revision) = try await store.range(query)
        return result.keyValues.first.map { ($0, revision) }
    }

    /// The key that has the turn.
    func first(at revision: Revision = 0) async throws -> (KeyValue?, Revision) {
        var query = RangeQuery(KeyRange(prefix: prefix))
        query.sortTarget = .create
        query.sortOrder = .ascend
        query.limit = 1
        query.revision = revision
        let (result, latest) = try await store.range(query)
        return (result.keyValues.first, latest)
    }

    /// True when the place is still there.
    func holds(_ place: Place) async throws -> Bool {
        let found = try await store.range(RangeQuery(KeyRange(key: place.key))).result.keyValues.first
        return found?.createRevision == place.revision
    }

    /// Gives up a place that is still the same.
    func leave(_ place: Place) async throws {
        let range = KeyRange(key: place.key)
        _ = try await store.apply(
            Transaction(
                compares: [Compare(range, .equal, .createRevision(place.revision))], success: [.delete(.init(range))]))
    }
}
