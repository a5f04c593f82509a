import KubeAPI

/// Spread constraints of pods that have none: `defaultConstraints` and `defaultingType` of PodTopologySpread.
enum SpreadDefaults: Sendable, Equatable {
    struct Constraint: Sendable, Equatable {
        var topologyKey: String
        var maxSkew: Int64
        var isRequired: Bool
    }

    /// Over hostnames and zones, where nodes have those labels.
    case system
    case list([Constraint])

    private static let ofSystem = [
        Constraint(topologyKey: "kubernetes.io/hostname", maxSkew: 3, isRequired: false),
        Constraint(topologyKey: "topology.kubernetes.io/zone", maxSkew: 5, isRequired: false),
    ]

    var constraints: [Constraint] {
        switch self {
        case .system: Self.ofSystem
        case .list(let list): list
        }
    }

    /// The arguments of the plugin.
    init(_ reader: inout ObjectReader) throws(DecodingFailure) {
        let list = reader.value("defaultConstraints")?.array ?? []
        switch try reader.string("defaultingType") ?? "System" {
        case "System":
            guard list.isEmpty else {
                throw DecodingFailure("defaultingType", "must be List where there are defaultConstraints")
            }
            self = .system
        case "List":
            var constraints: [Constraint] = []
            for (index, element) in list.enumerated() {
                do { constraints.append(try Constraint(json: element)) } catch {
                    throw error.under("defaultConstraints", index)
                }
            }
            self = .list(constraints)
        case let other: throw DecodingFailure("defaultingType", "must be one of System, List, got \"\(other)\"")
        }
    }
}

extension SpreadDefaults.Constraint {
    fileprivate init(json: JSONValue) throws(DecodingFailure) {
        var reader = try ObjectReader(json, collectsUnknown: true)
        topologyKey = try reader.requiredString("topologyKey")
        maxSkew = try reader.integer("maxSkew", in: 1...Int64(Int32.max)) ?? 1
        switch try reader.requiredString("whenUnsatisfiable") {
        case "DoNotSchedule": isRequired = true
        case "ScheduleAnyway": isRequired = false
        case let other:
            throw DecodingFailure(
                "whenUnsatisfiable", "must be one of DoNotSchedule, ScheduleAnyway, got \"\(other)\"")
        }
        try reader.refuseUnknown()
    }
}

/// The constraints that hold for one pod.
struct PodSpread: Sendable {
    let constraints: [SpreadConstraint]
    /// Nodes that lack a topology key do not take part. Not so with the system's defaults, which few clusters label all
    /// of their nodes for.
    let isStrict: Bool

    /// Its own; the profile's when it has none, over what the pod belongs to.
    init(of pod: Pod, required: Bool, in cluster: Cluster, _ profile: Profile) {
        guard pod.spread.isEmpty else {
            constraints = pod.spread.filter { $0.isRequired == required }
            isStrict = true
            return
        }
        isStrict = profile.spreadDefaults != .system
        let defaults = profile.spreadDefaults.constraints.filter { $0.isRequired == required }
        guard !defaults.isEmpty, let selector = cluster.companions.selector(for: pod) else {
            constraints = []
            return
        }
        let pods = PodTerm(namespaces: [pod.key.namespace], selector: selector)
        constraints = defaults.map { SpreadConstraint($0, pods: pods) }
    }

    /// Those that a node must have.
    var neededKeys: [String] { isStrict ? constraints.map(\.topologyKey) : [] }
}
