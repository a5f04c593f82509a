import KubeAPI
import Manifests

/// Reads scenarios from YAML: a document each.
///
///     name: weighted
///     about: One pod is twice as strong.
///     services: [10, 1000]
///     pods: 3
///     weights: [1, 1, 2]
///     balance: round-robin
///     affinitySeconds: 600
///     clients:
///     - {kind: keep-alive, connections: 50, rate: 2000}
///     changesPerSecond: 100
///     seconds: 1
///     rounds: 5
public enum ScenarioFile {
    /// `file` is the name for errors. Throws `ManifestFailure`, which says where.
    public static func parse(_ text: String, file: String) throws(ManifestFailure) -> [TrafficScenario] {
        var scenarios: [TrafficScenario] = []
        for document in try YAMLDocuments.parse(text, file: file) {
            do {
                scenarios.append(try scenario(document.value))
            } catch {
                throw ManifestFailure(
                    file: file, position: document.position(of: error.path), reason: "\(error)")
            }
        }
        guard !scenarios.isEmpty else { throw ManifestFailure(file: file, reason: "holds no scenario") }
        return scenarios
    }

    /// A name that several bear; reports tell scenarios by it.
    public static func repeatedName(_ scenarios: [TrafficScenario]) -> String? {
        var seen: Set<String> = []
        return scenarios.map(\.name).first { !seen.insert($0).inserted }
    }

    static let mostServices = 100_000
    static let mostPods = 50

    private static func scenario(_ value: JSONValue) throws(DecodingFailure) -> TrafficScenario {
        var fields = try ObjectReader(value, collectsUnknown: true)
        var scenario = TrafficScenario(name: try fields.requiredString("name"), clients: try clients(&fields))
        scenario.about = try fields.string("about") ?? ""
        scenario.services = try numbers(&fields, "services", in: 1...mostServices) ?? scenario.services
        scenario.pods = try fields.integer("pods", in: 1...mostPods) ?? scenario.pods
        scenario.weights = try numbers(&fields, "weights", in: 0...UInt16.max) ?? []
        if !scenario.weights.isEmpty, scenario.weights.count != scenario.pods {
            throw DecodingFailure("weights", "must be \(scenario.pods) numbers, one for each pod")
        }
        scenario.balance = try fields.string("balance")
        scenario.affinitySeconds = try fields.integer("affinitySeconds", in: 1...86400)
        scenario.changesPerSecond = try fields.integer("changesPerSecond", in: 0...10_000) ?? 0
        scenario.seconds = try positive(&fields, "seconds", upTo: 600) ?? scenario.seconds
        scenario.rounds = try fields.integer("rounds", in: 1...100) ?? scenario.rounds
        if let unknown = fields.unknownFields.first { throw DecodingFailure(unknown, "is no field of a scenario") }
        return scenario
    }

    private static func clients(
        _ fields: inout ObjectReader
    ) throws(DecodingFailure) -> [TrafficScenario.Client] {
        let clients = try fields.objects("clients") { fields throws(DecodingFailure) in
            guard let kind: TrafficScenario.Kind = try fields.choice("kind") else {
                throw DecodingFailure("kind", "required")
            }
            var client = TrafficScenario.Client(kind)
            client.connections = try fields.integer("connections", in: 1...5000) ?? client.connections
            client.rate = try positive(&fields, "rate", upTo: 1_000_000)
            return client
        }
        guard !clients.isEmpty, clients.count <= 16 else {
            throw DecodingFailure("clients", "must have between 1 and 16 elements")
        }
        return clients
    }

    private static func positive(
        _ fields: inout ObjectReader, _ key: String, upTo most: Double
    ) throws(DecodingFailure) -> Double? {
        guard let value = try fields.double(key) else { return nil }
        guard value > 0, value <= most else { throw DecodingFailure(key, "must be above 0 and at most \(most)") }
        return value
    }

    private static func numbers<Value: FixedWidthInteger>(
        _ fields: inout ObjectReader, _ key: String, in range: ClosedRange<Value>
    ) throws(DecodingFailure) -> [Value]? {
        guard let value = fields.value(key) else { return nil }
        guard let elements = value.array, !elements.isEmpty else {
            throw DecodingFailure(key, "must be a list of numbers")
        }
        var numbers: [Value] = []
        for (index, element) in elements.enumerated() {
            guard let number = element.integer.flatMap(Value.init(exactly:)), range.contains(number) else {
                throw DecodingFailure("\(key)[\(index)]", "must be between \(range.lowerBound) and \(range.upperBound)")
            }
            numbers.append(number)
        }
        return numbers
    }
}
