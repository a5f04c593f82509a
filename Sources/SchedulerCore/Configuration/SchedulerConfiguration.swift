import KubeAPI

/// kubescheduler.config.k8s.io/v1 KubeSchedulerConfiguration. What it does not know it refuses; of what is known and has
/// no effect here, `withoutEffect` names what is set.
public struct SchedulerConfiguration: Sendable {
    public var profiles: [Profile] = [Profile()]
    public var backoff = SchedulingQueue.Policy()
    public var election = Election()
    public var connection = Connection()
    /// Fields that are set and have no effect.
    public private(set) var withoutEffect: [String] = []

    public init() {}

    /// `leaderElection`; nil is what the file does not say. Times as Go writes them: `15s`.
    public struct Election: Sendable, Equatable {
        public var isOn: Bool?
        public var leaseDuration: String?
        public var renewDeadline: String?
        public var retryPeriod: String?
        public var resourceName: String?
        public var resourceNamespace: String?
    }

    /// `clientConnection`
    public struct Connection: Sendable, Equatable {
        public var kubeconfig: String?
        public var qps: Double?
        public var burst: Int?
    }

    /// Plugins of kube-scheduler's that profiles ask for and that are not here.
    public var absentPlugins: [String] { Set(profiles.flatMap(\.absentPlugins)).sorted() }

    public init(json: JSONValue) throws(DecodingFailure) {
        var reader = try ObjectReader(json, collectsUnknown: true)
        try Self.expect(try reader.string("apiVersion"), "kubescheduler.config.k8s.io/v1", at: "apiVersion")
        try Self.expect(try reader.string("kind"), "KubeSchedulerConfiguration", at: "kind")
        if let json = reader.value("leaderElection") {
            do { election = try Election(json: json) } catch { throw error.under("leaderElection") }
        }
        if let json = reader.value("clientConnection") {
            do { connection = try Connection(json: json) } catch { throw error.under("clientConnection") }
        }
        for field in ["enableProfiling", "enableContentionProfiling", "delayCacheUntilActive"]
        where try reader.bool(field) == true { withoutEffect.append(field) }
        let parallelism: Int64? = try reader.integer("parallelism", in: 1...Int64(Int32.max))
        if parallelism != nil { withoutEffect.append("parallelism") }
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

extension SchedulerConfiguration.Election {
    fileprivate init(json: JSONValue) throws(DecodingFailure) {
        var reader = try ObjectReader(json, collectsUnknown: true)
        isOn = try reader.bool("leaderElect")
        leaseDuration = try reader.string("leaseDuration")
        renewDeadline = try reader.string("renewDeadline")
        retryPeriod = try reader.string("retryPeriod")
        resourceName = try reader.string("resourceName")
        resourceNamespace = try reader.string("resourceNamespace")
        let lock = try reader.string("resourceLock") ?? ""
        guard ["", "leases"].contains(lock) else {
            throw DecodingFailure("resourceLock", "must be leases, got \"\(lock)\"")
        }
        try reader.refuseUnknown()
    }
}

extension SchedulerConfiguration.Connection {
    fileprivate init(json: JSONValue) throws(DecodingFailure) {
        var reader = try ObjectReader(json, collectsUnknown: true)
        kubeconfig = try reader.string("kubeconfig").flatMap { $0.isEmpty ? nil : $0 }
        qps = try reader.double("qps")
        burst = try reader.integer("burst", in: 0...Int(Int32.max))
        // How objects travel is the client's own matter.
        _ = (try reader.string("contentType"), try reader.string("acceptContentTypes"))
        try reader.refuseUnknown()
    }
}

extension ObjectReader {
    func refuseUnknown() throws(DecodingFailure) {
        if let field = unknownFields.first { throw DecodingFailure(field, "is not known; remove it") }
    }
}
