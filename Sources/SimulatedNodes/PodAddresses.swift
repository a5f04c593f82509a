import KubeAPI

/// Which pod of a node has which number, so that no two have the same address.
struct PodAddresses {
    private var numbers: [String: [String: Int]] = [:]
    private var used: [String: Set<Int>] = [:]

    /// The pod's number on its node, the same whenever it is asked for.
    mutating func number(of uid: String, on node: String) -> Int {
        if let known = numbers[node]?[uid] { return known }
        let taken = used[node, default: []]
        // A node has fewer pods than that; were it more, addresses would repeat.
        let free = (0..<254).first { !taken.contains($0) } ?? taken.count
        numbers[node, default: [:]][uid] = free
        used[node, default: []].insert(free)
        return free
    }

    mutating func release(_ uid: String, on node: String) {
        guard let number = numbers[node]?.removeValue(forKey: uid) else { return }
        used[node]?.remove(number)
    }
}
