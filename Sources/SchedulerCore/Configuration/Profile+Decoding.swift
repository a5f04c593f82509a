import KubeAPI
import KubeSchema

extension Profile {
    /// An element of KubeSchedulerConfiguration's profiles.
    init(json: JSONValue, percentageOfNodesToScore inherited: Int64) throws(DecodingFailure) {
        var reader = try ObjectReader(json, collectsUnknown: true)
        schedulerName = try reader.string("schedulerName") ?? schedulerName
        percentageOfNodesToScore = try reader.integer("percentageOfNodesToScore", in: 0...100) ?? inherited
        if let plugins = reader.value("plugins") {
            do { try applyPlugins(plugins) } catch { throw error.under("plugins") }
        }
        for (index, element) in (reader.value("pluginConfig")?.array ?? []).enumerated() {
            do { try applyArguments(element) } catch { throw error.under("pluginConfig", index) }
        }
        try reader.refuseUnknown()
    }

    // MARK: - Which plugins, with which weights

    private mutating func applyPlugins(_ json: JSONValue) throws(DecodingFailure) {
        var reader = try ObjectReader(json, collectsUnknown: true)
        for point in ["multiPoint", "preFilter", "filter", "postFilter", "preScore", "score"] {
            guard let set = reader.value(point) else { continue }
            do { try apply(set, at: point) } catch { throw error.under(point) }
        }
        try reader.refuseUnknown()
    }

    private mutating func apply(_ set: JSONValue, at point: String) throws(DecodingFailure) {
        for (index, element) in (set["disabled"]?.array ?? []).enumerated() {
            let name = element["name"]?.string ?? ""
            if name == "*" {
                PluginName.allCases.forEach { disable($0, at: point) }
            } else {
                do { disable(try Self.plugin(name), at: point) } catch { throw error.under("disabled", index) }
            }
        }
        for (index, element) in (set["enabled"]?.array ?? []).enumerated() {
            do {
                let plugin = try Self.plugin(element["name"]?.string ?? "")
                enable(plugin, at: point, weight: element["weight"]?.integer)
            } catch {
                throw error.under("enabled", index)
            }
        }
    }

    private static func plugin(_ name: String) throws(DecodingFailure) -> PluginName {
        guard let plugin = PluginName(rawValue: name) else {
            let known = PluginName.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingFailure("name", "\"\(name)\" is not known; known are \(known)")
        }
        return plugin
    }

    private mutating func disable(_ plugin: PluginName, at point: String) {
        if ["multiPoint", "filter"].contains(point) { disabledFilters.insert(plugin) }
        if ["multiPoint", "score"].contains(point) { weights[plugin] = nil }
        if ["multiPoint", "postFilter"].contains(point), plugin == .defaultPreemption { preempts = false }
    }

    private mutating func enable(_ plugin: PluginName, at point: String, weight: Int64?) {
        if ["multiPoint", "filter"].contains(point) { disabledFilters.remove(plugin) }
        if ["multiPoint", "score"].contains(point), let usual = Self.defaultWeights[plugin] {
            let given = weight ?? 0
            weights[plugin] = given > 0 ? min(given, 1_000_000) : usual
        }
        if ["multiPoint", "postFilter"].contains(point), plugin == .defaultPreemption { preempts = true }
    }

    // MARK: - Arguments

    private mutating func applyArguments(_ element: JSONValue) throws(DecodingFailure) {
        let arguments = element["args"] ?? .emptyObject
        let plugin: PluginName
        plugin = try Self.plugin(element["name"]?.string ?? "")
        do throws(DecodingFailure) {
            var reader = try ObjectReader(arguments, collectsUnknown: true)
            _ = (reader.value("apiVersion"), reader.value("kind"))
            switch plugin {
            case .nodeResourcesFit: try readFit(&reader)
            case .balancedAllocation:
                let resources = try Self.resources(reader.value("resources"))
                if !resources.isEmpty { balancedResources = resources.map(\.name) }
            case .nodeAffinity:
                if let added = reader.value("addedAffinity") {
                    addedNodeSelection = try NodeSelection(spec: ["affinity": ["nodeAffinity": added]])
                }
            case .podTopologySpread: spreadDefaults = try SpreadDefaults(&reader)
            case .interPodAffinity:
                hardPodAffinityWeight = try reader.integer("hardPodAffinityWeight", in: 0...100) ?? 1
                ignoresPreferencesOfOthers = try reader.bool("ignorePreferredTermsOfExistingPods") ?? false
            case .defaultPreemption:
                preemption.minimumCandidatesPercentage =
                    try reader.integer("minCandidateNodesPercentage", in: 0...100) ?? 10
                preemption.minimumCandidates =
                    try reader.integer("minCandidateNodesAbsolute", in: 0...Int64(Int32.max)) ?? 100
            case .volumeBinding:
                let seconds = try reader.integer("bindTimeoutSeconds", in: 0...Int64(Int32.max)) ?? 600
                volumeBindTimeout = seconds * 1_000_000_000
            default: break
            }
            try reader.refuseUnknown()
        } catch {
            throw error.under("args")
        }
    }

    private mutating func readFit(_ reader: inout ObjectReader) throws(DecodingFailure) {
        fit.ignoredResources = Set((reader.value("ignoredResources")?.array ?? []).compactMap(\.string))
        fit.ignoredGroups = Set((reader.value("ignoredResourceGroups")?.array ?? []).compactMap(\.string))
        guard let strategy = reader.value("scoringStrategy") else { return }
        let resources = try Self.resources(strategy["resources"])
        if !resources.isEmpty { fit.resources = resources }
        switch strategy["type"]?.string {
        case nil, "LeastAllocated": fit.strategy = .leastAllocated
        case "MostAllocated": fit.strategy = .mostAllocated
        case "RequestedToCapacityRatio":
            fit.strategy = .ratio(try ScoreShape(json: strategy["requestedToCapacityRatio"]?["shape"]))
        case let other?:
            throw DecodingFailure(
                "scoringStrategy.type",
                "must be one of LeastAllocated, MostAllocated, RequestedToCapacityRatio, got \"\(other)\"")
        }
    }

    private static func resources(
        _ list: JSONValue?
    ) throws(DecodingFailure) -> [FitArguments.WeightedResource] {
        var resources: [FitArguments.WeightedResource] = []
        for (index, element) in (list?.array ?? []).enumerated() {
            let weight = element["weight"]?.integer ?? 1
            guard let name = element["name"]?.string, (1...100).contains(weight) else {
                throw DecodingFailure("resources[\(index)]", "must have a name and a weight between 1 and 100")
            }
            resources.append(.init(name: name, weight: weight))
        }
        return resources
    }
}

extension ScoreShape {
    init(json: JSONValue?) throws(DecodingFailure) {
        points = (json?.array ?? []).map {
            Point(utilization: $0["utilization"]?.integer ?? 0, score: $0["score"]?.integer ?? 0)
        }
        let utilizations = points.map(\.utilization)
        guard !points.isEmpty, utilizations == Set(utilizations).sorted(),
            points.allSatisfy({ (0...100).contains($0.utilization) && (0...10).contains($0.score) })
        else {
            throw DecodingFailure(
                "scoringStrategy.requestedToCapacityRatio.shape",
                "must have points with rising utilization (0 to 100) and scores from 0 to 10")
        }
    }
}
