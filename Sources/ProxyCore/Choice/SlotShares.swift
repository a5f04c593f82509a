/// Maglev consistent hashing (Eisenbud et al., NSDI 2016, section 3.4): each endpoint walks its own order of all slots
/// and takes the next free one in its turn, so that shares are even and a change moves few slots.
public enum SlotShares {
    /// Which endpoint has each slot, by its place in the set; empty for no endpoints. An endpoint takes its turns as
    /// often as it weighs. `next` is the next slot of an endpoint's order, which must have every slot.
    public static func owners(of size: Int, among set: EndpointSet, next: (Int) -> Int) -> [Int] {
        guard !set.isEmpty else { return [] }
        var owners = Array(repeating: -1, count: size)
        let heaviest = Int(set.weights.max() ?? 1)
        var credit = Array(repeating: 0, count: set.count)
        var left = size
        while left > 0 {
            for index in credit.indices where left > 0 {
                credit[index] += set.weights.isEmpty ? heaviest : Int(set.weights[index])
                guard credit[index] >= heaviest else { continue }
                credit[index] -= heaviest
                var slot = next(index)
                while owners[slot] >= 0 { slot = next(index) }
                owners[slot] = index
                left -= 1
            }
        }
        return owners
    }
}
