import KubeAPI

/// How much of the server a class of requests may use (flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration).
public struct PriorityLevel: Sendable, Hashable {
    public struct Queuing: Sendable, Hashable {
        public var queues: Int
        /// How many queues a flow may choose among: two flows that keep the server busy seldom share all of theirs.
        public var handSize: Int
        public var queueLengthLimit: Int

        public init(queues: Int, handSize: Int, queueLengthLimit: Int) {
            self.queues = queues
            self.handSize = handSize
            self.queueLengthLimit = queueLengthLimit
        }
    }

    public let name: String
    public let uid: String
    /// Not limited at all.
    public let isExempt: Bool
    /// Of the server's seats, relative to the other levels.
    public let shares: Int64
    /// Of its seats, in percent, that others may use while this level leaves them free.
    public let lendablePercent: Int64
    /// Seats that it may borrow, in percent of its own; nil: as many as there are.
    public let borrowingLimitPercent: Int64?
    /// nil: a request that finds no seat is refused at once.
    public let queuing: Queuing?

    /// nil without a name.
    public init?(json: JSONValue) {
        guard let name = json["metadata"]?["name"]?.string, let spec = json["spec"] else { return nil }
        self.name = name
        uid = json["metadata"]?["uid"]?.string ?? ""
        isExempt = spec["type"]?.string == "Exempt"
        let part = isExempt ? spec["exempt"] : spec["limited"]
        shares = min(max(0, part?["nominalConcurrencyShares"]?.integer ?? (isExempt ? 0 : 30)), 1 << 30)
        lendablePercent = min(max(0, part?["lendablePercent"]?.integer ?? 0), 100)
        borrowingLimitPercent = (part?["borrowingLimitPercent"]?.integer).map { min(max(0, $0), 1 << 30) }
        let response = part?["limitResponse"]
        if response?["type"]?.string == "Queue" {
            let queuing = response?["queuing"]
            func bounded(_ key: String, _ standard: Int64, _ range: ClosedRange<Int64>) -> Int {
                Int(min(max(queuing?[key]?.integer ?? standard, range.lowerBound), range.upperBound))
            }
            let queues = bounded("queues", 64, 1...10_000)
            self.queuing = Queuing(
                queues: queues, handSize: min(queues, bounded("handSize", 8, 1...64)),
                queueLengthLimit: bounded("queueLengthLimit", 50, 1...100_000))
        } else {
            queuing = nil
        }
    }
}
