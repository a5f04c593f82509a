extension PodTrace {
    /// A line for each hop: when, how much later than the one before, and a bar as long as that.
    public func drawing(width: Int = 40) -> String {
        let known = Hop.allCases.compactMap { hop in hops[hop].map { (hop, $0) } }
        let times = known.compactMap(\.1.time)
        guard let first = times.first, let last = times.max() else { return "\(pod): nothing is known of it" }
        let total = max(1, (last - first).milliseconds)
        var lines = ["\(pod) on \(node) \(address)"]
        var before = first
        for (hop, sighting) in known {
            guard let time = sighting.time else {
                lines.append("\("before".leftPadded(9))          \(hop.rawValue)")
                continue
            }
            // Clocks of several machines may differ.
            let (start, length) = (max(0, (before - first).milliseconds), max(0, (time - before).milliseconds))
            let indent = String(repeating: " ", count: Int(start * Int64(width) / total))
            let bar = String(repeating: "█", count: max(length > 0 ? 1 : 0, Int(length * Int64(width) / total)))
            let at = "\((time - first).milliseconds)".leftPadded(6)
            let drawn = bar.isEmpty ? hop.rawValue : "\(hop.rawValue.rightPadded(40))\(indent)\(bar)"
            lines.append("\(at) ms  +\("\(length)".leftPadded(5))  \(drawn)")
            before = max(before, time)
        }
        if known.contains(where: { !$0.1.isWatched }) {
            lines.append(
                "It was there before: times are those of its object, in whole seconds. Trace it before it is made for more."
            )
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
