import EtcdAPI
import Synchronization

/// etcd's alarms. NOSPACE is raised when the store is larger than its quota, and refuses what makes it larger until it is
/// cleared.
final class Alarms: Sendable {
    enum Kind: CaseIterable, Sendable {
        case noSpace, corrupt

        var name: String { self == .noSpace ? "NOSPACE" : "CORRUPT" }
        var wire: Etcdserverpb_AlarmType { self == .noSpace ? .nospace : .corrupt }

        /// NONE stands for all.
        static func of(_ wire: Etcdserverpb_AlarmType) -> [Kind] {
            switch wire {
            case .nospace: [.noSpace]
            case .corrupt: [.corrupt]
            case .none, .UNRECOGNIZED: Kind.allCases
            }
        }
    }

    private let state = Mutex<Set<Kind>>([])

    var raised: [Kind] { state.withLock { state in Kind.allCases.filter(state.contains) } }

    /// Returns those that it raised.
    @discardableResult
    func raise(_ kinds: [Kind]) -> [Kind] {
        state.withLock { state in kinds.filter { state.insert($0).inserted } }
    }

    /// Returns those that it cleared.
    func clear(_ kinds: [Kind]) -> [Kind] {
        state.withLock { state in kinds.filter { state.remove($0) != nil } }
    }

    func requireSpace() throws {
        if state.withLock({ $0.contains(.noSpace) }) { throw EtcdError.noSpace }
    }
}
