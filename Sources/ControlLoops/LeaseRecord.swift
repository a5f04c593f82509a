import KubeAPI

/// The part of coordination.k8s.io/v1 LeaseSpec that an election is held on. Times are in nanoseconds since 1970 by the
/// holder's clock; nobody else's decision depends on them.
public struct LeaseRecord: Sendable, Hashable {
    /// Empty when nobody holds it.
    public var holder: String
    public var durationSeconds: Int64
    public var acquired: Int64?
    public var renewed: Int64?
    public var transitions: Int64

    public init(
        holder: String = "", durationSeconds: Int64 = 0, acquired: Int64? = nil, renewed: Int64? = nil,
        transitions: Int64 = 0
    ) {
        self.holder = holder
        self.durationSeconds = durationSeconds
        self.acquired = acquired
        self.renewed = renewed
        self.transitions = transitions
    }

    public init(lease: JSONValue) {
        let spec = lease["spec"]
        self.init(
            holder: spec?["holderIdentity"]?.string ?? "",
            durationSeconds: spec?["leaseDurationSeconds"]?.integer ?? 0,
            acquired: spec?["acquireTime"]?.string.flatMap(RFC3339.nanoseconds),
            renewed: spec?["renewTime"]?.string.flatMap(RFC3339.nanoseconds),
            transitions: spec?["leaseTransitions"]?.integer ?? 0)
    }

    public var spec: JSONValue {
        var spec: JSONValue = [
            "holderIdentity": .string(holder), "leaseDurationSeconds": .integer(durationSeconds),
            "leaseTransitions": .integer(transitions),
        ]
        if let acquired { spec[path: "acquireTime"] = .string(RFC3339.text(nanoseconds: acquired)) }
        if let renewed { spec[path: "renewTime"] = .string(RFC3339.text(nanoseconds: renewed)) }
        return spec
    }
}
