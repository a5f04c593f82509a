import KubeAPI
import NetTypes

/// What Apus's own annotations on a Service ask for.
struct ServiceTuning: Hashable, Sendable {
    enum Annotation {
        static let balance = "apus.dev/balance"
        static let weights = "apus.dev/weights"
        static let weight = "apus.dev/weight"
        static let sourceRangesGuardNodePort = "apus.dev/source-ranges-node-port"
    }

    private(set) var balance = BalanceAlgorithm.random
    /// By endpoint; port 0 means every port of the address.
    private(set) var weights: [AddressPort: UInt16] = [:]
    private(set) var sourceRangesGuardNodePort = false
    private(set) var advice: [Advice] = []

    init(_ metadata: ObjectMeta) {
        guard !metadata.annotations.isEmpty else { return }
        let subject = Advice.Subject(kind: "Service", name: metadata.key, uid: metadata.uid)
        if let text = metadata.annotations[Annotation.balance] { readBalance(text, subject) }
        if let text = metadata.annotations[Annotation.weights] { readWeights(text, subject) }
        if let text = metadata.annotations[Annotation.sourceRangesGuardNodePort] { readGuard(text, subject) }
    }

    private mutating func readBalance(_ text: String, _ subject: Advice.Subject) {
        if let known = BalanceAlgorithm(rawValue: text) {
            balance = known
        } else {
            let known = BalanceAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            advice.append(
                Advice(
                    subject, "UnknownBalance",
                    "\(Annotation.balance) \"\(text)\" is none of \(known); random is used"))
        }
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

    private mutating func readGuard(_ text: String, _ subject: Advice.Subject) {
        switch text {
        case "true": sourceRangesGuardNodePort = true
        case "false": break
        default:
            advice.append(
                Advice(
                    subject, "InvalidAnnotation",
                    "\(Annotation.sourceRangesGuardNodePort) \"\(text)\" is neither true nor false; false is used"))
        }
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
