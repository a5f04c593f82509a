extension Explanation: CustomStringConvertible {
    public var description: String {
        var lines: [String] = []
        if let service {
            lines.append("\(destination) is \(service.frontend) of Service \(service.name)")
            lines += service.lines
            lines += conflicts.map { "  conflict: \($0) asks for it too, and does not get it" }
        } else {
            lines.append("\(destination) belongs to no Service")
        }
        for path in paths { lines += path.lines }
        if !endpoints.isEmpty { lines.append("endpoints:") }
        lines += endpoints.map { "  \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Explanation.ServiceAccount {
    fileprivate var lines: [String] {
        var lines = ["  traffic policy \(trafficPolicy), balance \(balance)"]
        if let affinityTimeout { lines.append("  session affinity ClientIP, \(affinityTimeout) s") }
        if let sourceRanges {
            lines.append("  source ranges: \(sourceRanges.isEmpty ? "nobody" : sourceRanges.joined(separator: ", "))")
        }
        return lines + advice.map { "  note: \($0)" }
    }
}

extension Explanation.Path {
    fileprivate var lines: [String] {
        let head = "from \(source): \(verdict)" + (reason.map { " (\($0))" } ?? "")
        guard verdict == "balanced" else { return [head] }
        let targets = endpoints.enumerated().map { index, endpoint in
            weights.isEmpty ? endpoint : "\(endpoint) (weight \(weights[index]))"
        }
        return [head + " to " + targets.joined(separator: ", "), "  masquerade: \(masquerade ?? "no")"]
    }
}

extension Explanation.Endpoint: CustomStringConvertible {
    public var description: String {
        var words = "\(address) \(isUsed ? "used" : "not used")" + (reason.map { " (\($0))" } ?? "")
        if let node { words += ", node \(node)" }
        if let zone { words += ", zone \(zone)" }
        if weight != 1 { words += ", weight \(weight)" }
        return words + ", slice \(slice)"
    }
}
