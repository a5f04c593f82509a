import KubeAPI
import NetTypes

/// What Apus's own annotations on a Service ask for.
struct ServiceTuning: Hashable, Sendable {
    enum Annotation {
        static let balance = "apus.dev/balance"
        static let ipvsScheduler = "apus.dev/ipvs-scheduler"
        static let weights = "apus.dev/weights"
        static let weight = "apus.dev/weight"
        static let sourceRangesGuardNodePort = "apus.dev/source-ranges-node-port"
        static let maxConnections = "apus.dev/max-connections"
        static let proxyProtocol = "apus.dev/proxy-protocol"
        static let healthCheck = "apus.dev/health-check"
        static let healthCheckInterval = "apus.dev/health-check-interval"
        static let preserveClientIP = "apus.dev/preserve-client-ip"

        static let userspace = [
            maxConnections, proxyProtocol, healthCheck, healthCheckInterval, preserveClientIP,
        ]
    }

    /// nil when nothing is said, or nothing that is known.
    private(set) var balance: BalanceAlgorithm?
    /// nil when none is named, or none that there is.
    private(set) var ipvsScheduler: IPVSScheduler?
    /// By endpoint; port 0 means every port of the address.
    private(set) var weights: [AddressPort: UInt16] = [:]
    private(set) var sourceRangesGuardNodePort = false
    /// nil when nothing is asked for.
    private(set) var userspace: SharedTuning?
    private(set) var advice: [Advice] = []

    init(_ metadata: ObjectMeta) {
        guard !metadata.annotations.isEmpty else { return }
        let subject = Advice.Subject(kind: "Service", name: metadata.key, uid: metadata.uid)
        if let text = metadata.annotations[Annotation.balance] { readBalance(text, subject) }
        if let text = metadata.annotations[Annotation.ipvsScheduler] { readScheduler(text, subject) }
        if let text = metadata.annotations[Annotation.weights] { readWeights(text, subject) }
        if let text = metadata.annotations[Annotation.sourceRangesGuardNodePort] {
            sourceRangesGuardNodePort = readSwitch(text, Annotation.sourceRangesGuardNodePort, subject)
        }
        if metadata.annotations.keys.contains(where: Annotation.userspace.contains) {
            readUserspace(metadata.annotations, subject)
        }
    }

    private mutating func readBalance(_ text: String, _ subject: Advice.Subject) {
        if let known = BalanceAlgorithm(rawValue: text) {
            balance = known
        } else {
            let known = BalanceAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            advice.append(
                Advice(
                    subject, "UnknownBalance",
                    "\(Annotation.balance) \"\(text)\" is none of \(known); the mode's default is used"))
        }
    }

    private mutating func readScheduler(_ text: String, _ subject: Advice.Subject) {
        ipvsScheduler = IPVSScheduler(rawValue: text)
        guard ipvsScheduler == nil else { return }
        let known = IPVSScheduler.allCases.map(\.rawValue).joined(separator: ", ")
        invalid(Annotation.ipvsScheduler, text, "is none of \(known); it is ignored", subject)
    }

    private mutating func readWeights(_ text: String, _ subject: Advice.Subject) {
        for entry in text.split(separator: ",") {
            let entry = entry.trimmingSpaces
            let parts = entry.split(separator: "=", omittingEmptySubsequences: false)
            if parts.count == 2, let key = Self.endpoint(parts[0].trimmingSpaces),
                let weight = Self.weight(parts[1].trimmingSpaces)
            {
                weights[key] = weight
            } else {
                advice.append(
                    Advice(
                        subject, "InvalidWeight",
                        "\(Annotation.weights): \"\(entry)\" is not ADDRESS=WEIGHT or ADDRESS:PORT=WEIGHT with a weight "
                            + "of 0 to 65535; it is ignored"))
            }
        }
    }

    private mutating func readSwitch(_ text: String, _ annotation: String, _ subject: Advice.Subject) -> Bool {
        switch text {
        case "true": return true
        case "false": return false
        default:
            invalid(annotation, text, "is neither true nor false; false is used", subject)
            return false
        }
    }

    private mutating func invalid(_ annotation: String, _ text: String, _ rest: String, _ subject: Advice.Subject) {
        advice.append(Advice(subject, "InvalidAnnotation", "\(annotation) \"\(text)\" \(rest)"))
    }

    // MARK: For the userspace mode

    private mutating func readUserspace(_ annotations: [String: String], _ subject: Advice.Subject) {
        var tuning = UserspaceTuning()
        if let text = annotations[Annotation.maxConnections] {
            tuning.maxConnections = Self.number(text, 1...UInt32.max)
            if tuning.maxConnections == nil {
                invalid(
                    Annotation.maxConnections, text, "is not a number of 1 to \(UInt32.max); there is no limit", subject
                )
            }
        }
        if let text = annotations[Annotation.proxyProtocol] {
            tuning.proxyProtocol = ProxyProtocolVersion(rawValue: text)
            if tuning.proxyProtocol == nil {
                invalid(Annotation.proxyProtocol, text, "is neither v1 nor v2; no header is sent", subject)
            }
        }
        if let text = annotations[Annotation.preserveClientIP] {
            tuning.preservesClientIP = readSwitch(text, Annotation.preserveClientIP, subject)
        }
        tuning.healthCheck = readHealthCheck(annotations, subject)
        if !tuning.isUsual { userspace = SharedTuning(tuning) }
    }

    private mutating func readHealthCheck(_ annotations: [String: String], _ subject: Advice.Subject) -> ActiveCheck? {
        guard let text = annotations[Annotation.healthCheck] else { return nil }
        guard let kind = Self.checkKind(text) else {
            invalid(
                Annotation.healthCheck, text, "is neither tcp nor http:/PATH of visible ASCII; nothing is checked",
                subject)
            return nil
        }
        guard let text = annotations[Annotation.healthCheckInterval] else { return ActiveCheck(kind) }
        guard text.hasSuffix("s"), let interval = Self.number(String(text.dropLast()), 1...3600) else {
            invalid(
                Annotation.healthCheckInterval, text,
                "is not a number of seconds of 1s to 3600s; \(ActiveCheck.usualInterval)s is used", subject)
            return ActiveCheck(kind)
        }
        return ActiveCheck(kind, interval: UInt16(interval))
    }

    /// A path goes into a request line: no spaces, no line ends.
    private static func checkKind(_ text: String) -> ActiveCheck.Kind? {
        if text == "tcp" { return .tcp }
        guard text.hasPrefix("http:/"), text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
        return .http(path: String(text.dropFirst(5)))
    }

    private static func number(_ text: String, _ range: ClosedRange<UInt32>) -> UInt32? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt32(text) else { return nil }
        return range.contains(number) ? number : nil
    }

    private static func endpoint(_ text: Substring) -> AddressPort? {
        IPAddress(text).map { AddressPort($0, 0) } ?? AddressPort(String(text)).flatMap { $0.port == 0 ? nil : $0 }
    }

    static func weight(_ text: Substring) -> UInt16? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt16(text) : nil
    }

    /// nil when the Service says nothing of the endpoint.
    func weight(of endpoint: AddressPort) -> UInt16? {
        weights.isEmpty ? nil : weights[endpoint] ?? weights[AddressPort(endpoint.address, 0)]
    }
}

/// What Apus's own annotation on an EndpointSlice asks for.
struct SliceTuning {
    private(set) var weight: UInt16 = 1
    private(set) var advice: [Advice] = []

    init(_ metadata: ObjectMeta) {
        guard let text = metadata.annotations[ServiceTuning.Annotation.weight] else { return }
        if let weight = ServiceTuning.weight(text[...]) {
            self.weight = weight
        } else {
            advice.append(
                Advice(
                    .init(kind: "EndpointSlice", name: metadata.key, uid: metadata.uid), "InvalidWeight",
                    "\(ServiceTuning.Annotation.weight) \"\(text)\" is not a number of 0 to 65535; 1 is used"))
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        let head = drop { $0 == " " }
        guard let last = head.lastIndex(where: { $0 != " " }) else { return "" }
        return head[...last]
    }
}
