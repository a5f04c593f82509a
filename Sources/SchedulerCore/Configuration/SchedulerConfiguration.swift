import KubeAPI

/// kubescheduler.config.k8s.io/v1 KubeSchedulerConfiguration, as far as Apus follows it. What it does not know it
/// refuses, so that nobody believes in a setting without effect.
public struct SchedulerConfiguration: Sendable {
    public var profiles: [Profile] = [Profile()]
    public var backoff = SchedulingQueue.Policy()
    /// nil when the file does not say.
    public var leaderElects: Bool?

    public init() {}

    public init(json: JSONValue) throws(DecodingFailure) {
        var reader = try ObjectReader(json, collectsUnknown: true)
        try Self.expect(try reader.string("apiVersion"), "kubescheduler.config.k8s.io/v1", at: "apiVersion")
        try Self.expect(try reader.string("kind"), "KubeSchedulerConfiguration", at: "kind")
        leaderElects = reader.value("leaderElection")?["leaderElect"]?.bool
        for ignored in ["clientConnection", "parallelism", "enableProfiling", "enableContentionProfiling"] {
            _ = reader.value(ignored)
        }
        if let seconds = try reader.integer("podInitialBackoffSeconds", in: 1...Int64(Int32.max)) {
            backoff.initialBackoff = seconds * 1_000_000_000
        }
        if let seconds = try reader.integer("podMaxBackoffSeconds", in: 1...Int64(Int32.max)) {
            backoff.maximumBackoff = seconds * 1_000_000_000
        }
        guard backoff.initialBackoff <= backoff.maximumBackoff else {
            throw DecodingFailure("podMaxBackoffSeconds", "must not be less than podInitialBackoffSeconds")
        }
        let percentage: Int64 = try reader.integer("percentageOfNodesToScore", in: 0...100) ?? 0
        if let list = reader.value("profiles") {
            profiles = try Self.profiles(list, percentage)
        } else {
            profiles[0].percentageOfNodesToScore = percentage
        }
        try reader.refuseUnknown()
    }

    private static func expect(_ value: String?, _ expected: String, at field: String) throws(DecodingFailure) {
        guard value == expected else { throw DecodingFailure(field, "must be \(expected), got \"\(value ?? "")\"") }
    }

    private static func profiles(_ list: JSONValue, _ percentage: Int64) throws(DecodingFailure) -> [Profile] {
        guard let elements = list.array, !elements.isEmpty else {
            throw DecodingFailure("profiles", "must be an array with at least one profile")
        }
        var profiles: [Profile] = []
        for (index, element) in elements.enumerated() {
            do throws(DecodingFailure) {
                let profile = try Profile(json: element, percentageOfNodesToScore: percentage)
                guard !profiles.contains(where: { $0.schedulerName == profile.schedulerName }) else {
                    throw DecodingFailure("schedulerName", "\"\(profile.schedulerName)\" has a profile already")
                }
                profiles.append(profile)
            } catch {
                throw error.under("profiles", index)
            }
        }
        return profiles
    }
}

extension ObjectReader {
    func refuseUnknown() throws(DecodingFailure) {
        if let field = unknownFields.first { throw DecodingFailure(field, "is not known; remove it") }
    }
}
