import KubeAPI

/// How far a pod has come, and when each hop was seen. Times come from outside.
public struct PodTrace: Sendable, Equatable {
    public enum Hop: String, Sendable, CaseIterable {
        case created = "stored by the API server"
        case bound = "bound to a node by the scheduler"
        case sandbox = "sandbox and network made by the agent"
        case started = "containers started"
        case ready = "ready"
        case listed = "in an EndpointSlice"
    }

    public let pod: NamespacedName
    public private(set) var node = ""
    public private(set) var address = ""
    /// nil for what had happened before anybody looked.
    public private(set) var times: [Hop: Duration?] = [:]
    private var isFirstLook = true

    public init(_ pod: NamespacedName) { self.pod = pod }

    /// - Parameters:
    ///   - object: the pod as it is; nil when it is not there.
    ///   - now: since any moment.
    public mutating func see(_ object: JSONValue?, now: Duration) {
        // Who waits for a pod sees it come; what is there already came before.
        let time: Duration? = isFirstLook && object != nil ? nil : now
        isFirstLook = false
        guard let object else { return }
        note(.created, time)
        if let name = object["spec"]?["nodeName"]?.string, !name.isEmpty {
            node = name
            note(.bound, time)
        }
        address = object["status"]?["podIP"]?.string ?? address
        if Self.has("PodReadyToStartContainers", object) || !address.isEmpty { note(.sandbox, time) }
        let containers = object["status"]?["containerStatuses"]?.array ?? []
        if !containers.isEmpty, containers.allSatisfy({ $0["started"]?.bool == true || $0["state"]?["running"] != nil })
        {
            note(.started, time)
        }
        if Self.has("Ready", object) { note(.ready, time) }
    }

    /// A slice as it is.
    public mutating func see(slice: JSONValue, now: Duration) {
        let isListed = (slice["endpoints"]?.array ?? []).contains { endpoint in
            endpoint["targetRef"]?["name"]?.string == pod.name
                && slice["metadata"]?["namespace"]?.string == pod.namespace
                && endpoint["conditions"]?["ready"]?.bool != false
        }
        if isListed { note(.listed, times[.ready] == .some(nil) ? nil : now) }
    }

    private mutating func note(_ hop: Hop, _ time: Duration?) {
        if times[hop] == nil { times[hop] = .some(time) }
    }

    private static func has(_ condition: String, _ pod: JSONValue) -> Bool { NodeView.isTrue(pod, condition) }

    public func isDone(withSlice: Bool) -> Bool { times[.ready] != nil && (!withSlice || times[.listed] != nil) }

    /// A line for each hop: when, how much later than the one before, and a bar as long as that.
    public func drawing(width: Int = 40) -> String {
        let known = Hop.allCases.compactMap { hop in (times[hop] ?? nil).map { (hop, $0) } }
        guard let first = known.first?.1, let last = known.last?.1 else {
            return "\(pod) was there before: 'kubectl delete' it and trace again to see the times of each hop"
        }
        let total = max(1, (last - first).milliseconds)
        var lines = ["\(pod) on \(node) \(address)"]
        var before = first
        for (hop, time) in known {
            let (start, length) = ((before - first).milliseconds, (time - before).milliseconds)
            let indent = String(repeating: " ", count: Int(start * Int64(width) / total))
            let bar = String(repeating: "█", count: max(length > 0 ? 1 : 0, Int(length * Int64(width) / total)))
            let at = "\((time - first).milliseconds)".leftPadded(6)
            lines.append("\(at) ms  +\("\(length)".leftPadded(5))  \(hop.rawValue.rightPadded(40))\(indent)\(bar)")
            before = time
        }
        return lines.joined(separator: "\n")
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}

extension String {
    fileprivate func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
    fileprivate func rightPadded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
