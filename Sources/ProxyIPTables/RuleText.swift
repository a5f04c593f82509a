import NetTypes
import ProxyCore

/// Rules in the words and the order in which iptables-save prints them.
enum RuleText {
    static func comment(_ text: String) -> String { "-m comment --comment \"\(text)\"" }

    /// `-m set --match-set KUBE-IPT-SERVICE dst,dst`.
    static func inSet(_ set: SetName, _ family: IPFamily, _ directions: String, isMember: Bool = true) -> String {
        "-m set \(isMember ? "" : "! ")--match-set \(set.name(family)) \(directions)"
    }

    static func mark(_ bit: UInt8) -> String {
        let hex = String(UInt32(1) << UInt32(bit), radix: 16)
        return "0x\(hex)"
    }

    /// `chance` of `total`, as the kernel's fraction of 2^31 prints with 11 digits.
    static func probability(_ chance: Int, of total: Int) -> String {
        let scaled = (UInt64(chance) << 31 + UInt64(total) / 2) / UInt64(total)
        // scaled * 10^11 / 2^31 = scaled * 5^11 / 2^20, rounded half to even.
        let product = scaled * 48_828_125
        var digits = product >> 20
        let rest = product & 0xf_ffff
        if rest > 1 << 19 || (rest == 1 << 19 && digits & 1 == 1) { digits += 1 }
        let fraction = String(digits % 100_000_000_000)
        return "\(digits / 100_000_000_000)." + String(repeating: "0", count: 11 - fraction.count) + fraction
    }

    /// Sources that are local pods, one match for each; empty when nothing tells them.
    static func localPods(_ node: NodeFacts, _ family: IPFamily) -> [String] {
        switch node.detector {
        case .cidrs(let cidrs): cidrs.filter { $0.family == family }.map { "-s \($0)" }
        case .bridge(let name): ["-i \(name)"]
        case .interfacePrefix(let prefix): ["-i \(prefix)+"]
        case .none: []
        }
    }
}

extension CIDR {
    /// The kernel's sets store no prefix of length 0.
    var storable: [CIDR] {
        guard isEverything else { return [self] }
        let top = family == .ipv4 ? IPAddress(128, 0, 0, 0) : IPAddress(high: 1 << 63, low: 0)
        return [address, top].compactMap { CIDR($0, prefixLength: 1) }
    }

    static func everything(_ family: IPFamily) -> [CIDR] {
        CIDR(.unspecified(family), prefixLength: 0)?.storable ?? []
    }
}
