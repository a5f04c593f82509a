/// What a keeper keeps: which processes run, and how often they were started or taken up.
public struct KeeperReport: Sendable, Equatable {
    public struct Part: Sendable, Equatable {
        public let name: String
        /// nil when it does not run.
        public var pid: Int32?
        public var starts = 0
    }

    /// Of all that shall run, in the order of their start.
    public private(set) var parts: [Part] = []

    public init() {}

    /// All that shall run does.
    public var isComplete: Bool { !parts.isEmpty && parts.allSatisfy { $0.pid != nil } }

    /// - Parameter now: what shall run, and its process.
    mutating func looked(at now: [(name: String, pid: Int32?)]) {
        let before = Dictionary(parts.map { ($0.name, $0) }) { $1 }
        parts = now.map { name, pid in
            let last = before[name] ?? Part(name: name)
            let isNew = pid != nil && pid != last.pid
            return Part(name: name, pid: pid, starts: last.starts + (isNew ? 1 : 0))
        }
    }
}
