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

    /// Points at which there is nothing to choose: what kube-scheduler does there is always done.
    private static let fixedPoints = ["queueSort", "preEnqueue", "reserve", "permit", "preBind", "bind", "postBind"]
    private static let fixedPlugins: Set = ["PrioritySort", "DefaultBinder"]

    private mutating func applyPlugins(_ json: JSONValue) throws(DecodingFailure) {
        var reader = try ObjectReader(json, collectsUnknown: true)
        for point in ["multiPoint", "preFilter", "filter", "postFilter", "preScore", "score"] + Self.fixedPoints {
            guard let set = reader.value(point) else { continue }
            do { try apply(set, at: point) } catch { throw error.under(point) }
        }
        try reader.refuseUnknown()
    }

    private mutating func apply(_ set: JSONValue, at point: String) throws(DecodingFailure) {
        var reader = try ObjectReader(set, collectsUnknown: true)
        try Self.each(reader.value("disabled"), "disabled") { name, _ throws(DecodingFailure) in
            if name == "*" {
                PluginName.allCases.forEach { disable($0, at: point) }
            } else if let plugin = try plugin(name) {
                disable(plugin, at: point)
            }
        }
        try Self.each(reader.value("enabled"), "enabled") { name, weight throws(DecodingFailure) in
            if let plugin = try plugin(name) {
                enable(plugin, at: point, weight: weight)
            } else if !Self.fixedPlugins.contains(name) {
                absentPlugins.insert(name)
            }
        }
        try reader.refuseUnknown()
    }

    private static func each(
        _ list: JSONValue?, _ field: String, _ body: (String, Int64?) throws(DecodingFailure) -> Void
    ) throws(DecodingFailure) {
        for (index, element) in (list?.array ?? []).enumerated() {
            do throws(DecodingFailure) {
                var reader = try ObjectReader(element, collectsUnknown: true)
                let name = try reader.requiredString("name")
                let weight: Int64? = try reader.integer("weight", in: 0...Int64(Int32.max))
                try reader.refuseUnknown()
                try body(name, weight)
            } catch {
                throw error.under(field, index)
            }
        }
    }

    /// nil for one of kube-scheduler's that is not here, or that is always at work.
    private func plugin(_ name: String) throws(DecodingFailure) -> PluginName? {
        if Self.fixedPlugins.contains(name) || Self.knownAbsent.contains(name) { return nil }
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
        var entry = try ObjectReader(element, collectsUnknown: true)
        let plugin = try plugin(try entry.requiredString("name"))
        let arguments = entry.value("args") ?? .emptyObject
        try entry.refuseUnknown()
        // Of a plugin that is not here: enabling it says so.
        guard let plugin else { return }
        do throws(DecodingFailure) {
            var reader = try ObjectReader(arguments, collectsUnknown: true)
            _ = (reader.value("apiVersion"), reader.value("kind"))
            switch plugin {
            case .nodeResourcesFit: try readFit(&reader)
            case .balancedAllocation:
                let resources = try Self.resources(reader.value("resources"), weights: 1...1)
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
        do { try readStrategy(strategy) } catch { throw error.under("scoringStrategy") }
    }

    private mutating func readStrategy(_ json: JSONValue) throws(DecodingFailure) {
        var reader = try ObjectReader(json, collectsUnknown: true)
        let resources = try Self.resources(reader.value("resources"), weights: 1...100)
        if !resources.isEmpty { fit.resources = resources }
        let ratio = reader.value("requestedToCapacityRatio")
        switch try reader.string("type") {
        case nil, "LeastAllocated": fit.strategy = .leastAllocated
        case "MostAllocated": fit.strategy = .mostAllocated
        case "RequestedToCapacityRatio":
            do { fit.strategy = .ratio(try ScoreShape(ratio: ratio ?? .emptyObject)) } catch {
                throw error.under("requestedToCapacityRatio")
            }
        case let other?:
            throw DecodingFailure(
                "type", "must be one of LeastAllocated, MostAllocated, RequestedToCapacityRatio, got \"\(other)\"")
        }
        try reader.refuseUnknown()
    }

    private static func resources(
        _ list: JSONValue?, weights: ClosedRange<Int64>
    ) throws(DecodingFailure) -> [FitArguments.WeightedResource] {
        var resources: [FitArguments.WeightedResource] = []
        for (index, element) in (list?.array ?? []).enumerated() {
            do throws(DecodingFailure) {
                var reader = try ObjectReader(element, collectsUnknown: true)
                let name = try reader.requiredString("name")
                resources.append(.init(name: name, weight: try reader.integer("weight", in: weights) ?? 1))
                try reader.refuseUnknown()
            } catch {
                throw error.under("resources", index)
            }
        }
        return resources
    }
}

extension ScoreShape {
    /// RequestedToCapacityRatioParam
    init(ratio json: JSONValue) throws(DecodingFailure) {
        var reader = try ObjectReader(json, collectsUnknown: true)
        var points: [Point] = []
        for (index, element) in (reader.value("shape")?.array ?? []).enumerated() {
            do throws(DecodingFailure) {
                var point = try ObjectReader(element, collectsUnknown: true)
                points.append(
                    Point(
                        utilization: try point.integer("utilization", in: 0...100) ?? 0,
                        score: try point.integer("score", in: 0...10) ?? 0))
                try point.refuseUnknown()
            } catch {
                throw error.under("shape", index)
            }
        }
        try reader.refuseUnknown()
        let utilizations = points.map(\.utilization)
        guard !points.isEmpty, utilizations == Set(utilizations).sorted() else {
            throw DecodingFailure("shape", "must have points with rising utilization")
        }
        self.init(points: points)
    }
}
