import KubeAPI

extension JSONValue {
    /// The same value, whatever the order of members. Linear in the size.
    public func isEquivalent(to other: JSONValue) -> Bool {
        switch (self, other) {
        case (.object(let a), .object(let b)): return a.isEquivalent(to: b)
        case (.array(let a), .array(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { $0.isEquivalent(to: $1) }
        case (.integer(let a), .double(let b)), (.double(let b), .integer(let a)): return Double(a) == b
        default: return self == other
        }
    }
}

extension JSONObject {
    fileprivate func isEquivalent(to other: JSONObject) -> Bool {
        guard members.count == other.members.count else { return false }
        // Mostly the order is the same too.
        if zip(members, other.members).allSatisfy({ $0.key == $1.key }) {
            return zip(members, other.members).allSatisfy { $0.value.isEquivalent(to: $1.value) }
        }
        let others = OrderedMembers(other)
        return members.allSatisfy { member in others[member.key].map(member.value.isEquivalent) ?? false }
    }
}
