import KubeAPI

/// How far a pod has come, and when. Times are since 1970 and come from outside: from who watches, and for what had happened
/// before from the object, which knows whole seconds.
public struct PodTrace: Sendable, Equatable {
    public enum Hop: String, Sendable, CaseIterable {
        case created = "stored by the API server"
        case bound = "bound to a node by the scheduler"
        case sandbox = "sandbox and network made by the agent"
        case started = "containers started"
        case ready = "ready"
        case listed = "in an EndpointSlice"
        case programmed = "in the rules of every proxy"
        case named = "found by DNS"
    }

    public struct Sighting: Sendable, Equatable {
        /// nil for what had happened at a time that nothing tells.
        public let time: Duration?
        /// Seen as it happened, and not read from the object afterwards.
        public let isWatched: Bool
    }

    public let pod: NamespacedName
    public private(set) var node = ""
    public private(set) var address = ""
    public private(set) var labels: [String: String] = [:]
    public private(set) var hops: [Hop: Sighting] = [:]
    private var isFirstLook = true
    /// Since when a slice lists it, by the slice's name.
    private var listings: [String: Duration] = [:]

    public init(_ pod: NamespacedName) { self.pod = pod }

    /// - Parameters:
    ///   - object: the pod as it is; nil when it is not there.
    ///   - now: since 1970.
    public mutating func see(_ object: JSONValue?, now: Duration) {
        // Who waits for a pod sees it come; what is there at the first look came before.
        let isWatched = !isFirstLook
        isFirstLook = false
        guard let object else { return }
        let stamps = PodTimestamps(object)
        func note(_ hop: Hop, _ stamp: Duration?) {
            if hops[hop] == nil { hops[hop] = Sighting(time: isWatched ? now : stamp, isWatched: isWatched) }
        }
        labels = PodView(object).labels
        note(.created, stamps.created)
        if let name = object["spec"]?["nodeName"]?.string, !name.isEmpty {
            node = name
            note(.bound, stamps.condition("PodScheduled"))
        }
        address = object["status"]?["podIP"]?.string ?? address
        if Self.has("PodReadyToStartContainers", object) || !address.isEmpty {
            note(.sandbox, stamps.condition("PodReadyToStartContainers"))
        }
        let containers = object["status"]?["containerStatuses"]?.array ?? []
        if !containers.isEmpty, containers.allSatisfy({ $0["started"]?.bool == true || $0["state"]?["running"] != nil })
        {
            note(.started, stamps.lastStart)
        }
        if Self.has("Ready", object) { note(.ready, stamps.condition("Ready")) }
        noteListing()
    }

    /// A slice as it is.
    public mutating func see(slice: JSONValue, now: Duration) {
        let isListed = (slice["endpoints"]?.array ?? []).contains { endpoint in
            endpoint["targetRef"]?["name"]?.string == pod.name
                && slice["metadata"]?["namespace"]?.string == pod.namespace
                && endpoint["conditions"]?["ready"]?.bool != false
        }
        let name = slice["metadata"]?["name"]?.string ?? ""
        listings[name] = isListed ? listings[name] ?? now : nil
        noteListing()
    }

    /// Pods and slices are two watches: one may run ahead of the other.
    private mutating func noteListing() {
        guard hops[.listed] == nil, let ready = hops[.ready], let time = listings.values.min() else { return }
        hops[.listed] = Sighting(
            time: ready.isWatched ? max(time, ready.time ?? time) : nil, isWatched: ready.isWatched)
    }

    /// What was asked for after the slice was seen; `time` is not before that, though a proxy may have heard of it earlier.
    mutating func see(_ hop: Hop, at time: Duration) {
        if hops[hop] == nil { hops[hop] = Sighting(time: max(time, hops[.listed]?.time ?? time), isWatched: true) }
    }

    private static func has(_ condition: String, _ pod: JSONValue) -> Bool { NodeView.isTrue(pod, condition) }

    public func isDone(withSlice: Bool) -> Bool { hops[.ready] != nil && (!withSlice || hops[.listed] != nil) }
}

/// The times that a pod's object tells.
private struct PodTimestamps {
    private let pod: JSONValue

    init(_ pod: JSONValue) { self.pod = pod }

    var created: Duration? { Self.time(pod["metadata"]?["creationTimestamp"]) }

    func condition(_ type: String) -> Duration? {
        let conditions = pod["status"]?["conditions"]?.array ?? []
        return Self.time(conditions.first { $0["type"]?.string == type }?["lastTransitionTime"])
    }

    /// Of the container that started last.
    var lastStart: Duration? {
        (pod["status"]?["containerStatuses"]?.array ?? [])
            .compactMap { Self.time($0["state"]?["running"]?["startedAt"]) }.max()
    }

    private static func time(_ value: JSONValue?) -> Duration? {
        (value?.string).flatMap(RFC3339.nanoseconds).map { .nanoseconds($0) }
    }
}
