/// Who goes first when the node runs short (kubelet's pkg/kubelet/eviction/helpers.go).
public enum Eviction {
    public enum Shortage: String, Sendable, CaseIterable {
        case memory = "MemoryPressure", disk = "DiskPressure", processes = "PIDPressure"

        /// As messages name the resource.
        public var resource: String {
            switch self {
            case .memory: "memory"
            case .disk: "ephemeral-storage"
            case .processes: "pids"
            }
        }
    }

    public struct Candidate: Sendable, Hashable {
        public var uid: String
        public var priority: Int64
        /// Bytes or processes: in use now, and asked for.
        public var usage: Int64
        public var request: Int64

        public init(uid: String, priority: Int64, usage: Int64, request: Int64) {
            self.uid = uid
            self.priority = priority
            self.usage = usage
            self.request = request
        }

        fileprivate var excess: Int64 { usage.subtractingReportingOverflow(request).partialValue }
    }

    /// Those that use more than they asked for come first, then those of lower priority, then those further over it.
    public static func ranked(_ candidates: [Candidate]) -> [Candidate] {
        candidates.sorted { a, b in
            let (aOver, bOver) = (a.excess > 0, b.excess > 0)
            if aOver != bOver { return aOver }
            if a.priority != b.priority { return a.priority < b.priority }
            return a.excess != b.excess ? a.excess > b.excess : a.uid < b.uid
        }
    }
}
