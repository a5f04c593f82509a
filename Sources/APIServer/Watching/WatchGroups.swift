import StoreCore
import Synchronization

/// The groups there are, by what their members see.
final class WatchGroups: Sendable {
    struct Key: Hashable, Sendable {
        let range: KeyRange
        let labelSelector: String
        let fieldSelector: String
        let apiVersion: String
        let form: OutputForm
    }

    private let groups = Mutex<[Key: WatchGroup]>([:])

    /// The group that took the member; nil when the member has to catch up first.
    func join(
        _ member: WatchMember, _ key: Key, _ watch: @escaping @Sendable (Revision) async throws -> any StoreWatch,
        make: (Revision) -> WatchGroup
    ) -> WatchGroup? {
        groups.withLock { groups in
            if let group = groups[key] {
                if group.join(member, watch) { return group }
                guard group.isOver else { return nil }
            }
            let group = make(member.seen)
            groups[key] = group
            return group.join(member, watch) ? group : nil
        }
    }

    func leave(_ member: WatchMember, _ group: WatchGroup, _ key: Key) {
        groups.withLock { groups in
            if group.leave(member), groups[key] === group { groups[key] = nil }
        }
    }
}
