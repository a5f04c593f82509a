import NetTypes

extension EndpointSet {
    /// `candidates` in canonical order, none of weight 0. Weights lose their common divisor.
    init(candidates: [EndpointCandidate]) {
        guard let first = candidates.first else {
            self = .empty
            return
        }
        let isEven = candidates.allSatisfy { $0.weight == first.weight }
        let divisor = isEven ? 1 : candidates.reduce(0) { Self.greatestCommonDivisor($0, $1.weight) }
        self.init(candidates.map(\.target), weights: isEven ? [] : candidates.map { $0.weight / divisor })
    }

    private static func greatestCommonDivisor(_ a: UInt16, _ b: UInt16) -> UInt16 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
