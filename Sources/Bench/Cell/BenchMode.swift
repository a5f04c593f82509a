/// What carries the traffic of a cell.
public enum BenchMode: String, Sendable, CaseIterable {
    /// No proxy: clients talk to the pods.
    case direct
    case nftables
    /// Of the kind that this node uses.
    case iptables
    case iptablesNFT = "iptables-nft"
    case iptablesLegacy = "iptables-legacy"
    case ipvs
    case userspace

    /// What is measured when nothing else is asked for.
    public static let standard: [BenchMode] = [.direct, .nftables, .iptables, .ipvs, .userspace]
}
