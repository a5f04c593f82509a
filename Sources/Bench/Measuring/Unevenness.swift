/// How far the spread of connections is from what the weights ask for.
enum Unevenness {
    /// The largest deviation of a pod's share from its due, in percent of that; pods are named `pod-1` and on. 0 without
    /// connections.
    static func percent(_ perBackend: [String: Int], weights: [UInt16]) -> Double {
        let all = perBackend.values.reduce(0, +)
        let sum = weights.reduce(0) { $0 + Int($1) }
        guard all > 0, sum > 0 else { return 0 }
        return weights.indices.map { index in
            let got = Double(perBackend["pod-\(index + 1)"] ?? 0)
            let due = Double(all) * Double(weights[index]) / Double(sum)
            return due > 0 ? abs(got - due) / due * 100 : got > 0 ? 100 : 0
        }.max() ?? 0
    }
}
