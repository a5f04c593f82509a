import CNftnl
import NetTypes

/// A chain as the kernel holds it.
public struct ObservedChain: Sendable {
    public let name: String
    /// nil for a chain that is only jumped to.
    public let hook: Chain.Hook?
    /// What its rules do, in order, in a form that `Rule.fingerprint` gives alike.
    public internal(set) var rules: [String]
}

/// A set or map as the kernel holds it, without its elements.
public struct ObservedSet: Sendable, Equatable {
    public let name: String
    /// nft's number for the type of the key, and of the data.
    public let keyType: UInt32
    public let dataType: UInt32
    /// Bytes.
    public let keyLength: UInt32
    public let dataLength: UInt32
    /// NFT_SET_* of linux/netfilter/nf_tables.h.
    public let flags: UInt32
    /// How many elements it holds; nil where the kernel does not say (before Linux 6.16).
    public let count: UInt32?
}

/// A table as the kernel holds it, without the elements of its sets.
public struct ObservedTable: Sendable {
    public let comment: String?
    public internal(set) var chains: [String: ObservedChain] = [:]
    public internal(set) var sets: [String: ObservedSet] = [:]
}

extension Rule {
    /// Equal for rules that do the same to packets of the family, whatever their comments.
    public func fingerprint(_ table: TableID) -> String {
        let rule = NftnlRule(table, chain: "")
        ExpressionEncoder.encode(Rule(statements), into: rule, family: table.family)
        return rule.fingerprint
    }
}

extension Chain {
    /// True when the observed chain has this chain's hook and rules that do the same in the same order.
    public func matches(_ observed: ObservedChain, in table: TableID) -> Bool {
        name == observed.name && hook == observed.hook && rules.count == observed.rules.count
            && zip(rules, observed.rules).allSatisfy { $0.fingerprint(table) == $1 }
    }
}

extension SetSpec {
    /// True when the observed set has this type: its elements can stay.
    public func matches(_ observed: ObservedSet, family: IPFamily) -> Bool {
        guard key.datatype(family) == observed.keyType, key.keyLength(family) == observed.keyLength,
            flags == observed.flags
        else { return false }
        return switch data {
        case .selectors(let selectors):
            selectors.datatype(family) == observed.dataType && selectors.keyLength(family) == observed.dataLength
        case .verdict: observed.dataType == UInt32(NFT_DATA_VERDICT.rawValue)
        case nil: true
        }
    }
}
