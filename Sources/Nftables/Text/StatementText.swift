import NetTypes

/// nft's text for selectors and statements; it loads with `nft -f` and lists alike.
struct StatementText {
    let family: IPFamily

    private var ip: String { family == .ipv4 ? "ip" : "ip6" }

    func text(_ rule: Rule) -> String {
        let words = rule.statements.map(text).joined(separator: " ")
        return words + (rule.comment.map { " comment \"\($0)\"" } ?? "")
    }

    func text(_ selectors: [Selector]) -> String { selectors.map(text).joined(separator: " . ") }

    func text(_ selector: Selector) -> String {
        switch selector {
        case .sourceAddress: "\(ip) saddr"
        case .destinationAddress: "\(ip) daddr"
        case .l4proto: "meta l4proto"
        case .destinationPort: "th dport"
        case .tcpDestinationPort: "tcp dport"
        case .sourcePort: "th sport"
        case .originalSourceAddress: "ct original \(ip) saddr"
        case .originalDestinationAddress: "ct original \(ip) daddr"
        case .originalDestinationPort: "ct original proto-dst"
        case .mark: "meta mark"
        case .inputInterface: "iifname"
        case .random(let modulus, let offset):
            "numgen random mod \(modulus)" + (offset == 0 ? "" : " offset \(offset)")
        case .increment(let modulus): "numgen inc mod \(modulus)"
        case .hash(let sources, let modulus, let seed):
            "jhash \(text(sources)) mod \(modulus) seed 0x\(String(seed, radix: 16))"
        }
    }

    func text(_ statement: Statement) -> String {
        switch statement {
        case .matchAddress(let selector, let cidr, let isNot): "\(text(selector)) \(isNot ? "!= " : "")\(text(cidr))"
        case .matchProtocol(let proto): "meta l4proto \(proto)"
        case .matchInputInterface(let name, let isPrefix, let isNot):
            "iifname \(isNot ? "!= " : "")\"\(name)\(isPrefix ? "*" : "")\""
        case .matchMark(let mask, let isSet): "meta mark & \(hex(mask)) \(isSet ? "!=" : "==") \(hex(0))"
        case .connectionIsNew: "ct state new"
        case .connectionHasDNAT: "ct status dnat"
        case .sourceIsLocal: "fib saddr type local"
        case .destinationIsLocal: "fib daddr type local"
        case .inSet(let key, let set, let isNot): "\(text(key)) \(isNot ? "!= " : "")@\(set)"
        case .verdictMap(let key, let map): "\(text(key)) vmap @\(map)"
        case .dnat(let key, let map): "dnat \(ip) to \(text(key)) map @\(map)"
        case .redirect(let key, let map): "redirect to :\(text(key)) map @\(map)"
        case .tproxy(let port): "tproxy to :\(port)"
        case .socketIsTransparent: "socket transparent 1"
        case .remember(let map, let key, let data, let timeout):
            "update @\(map) { \(text(key)) timeout \(timeout)s : \(text(data)) }"
        case .setMarkBits(let bits): "meta mark set meta mark | \(hex(bits))"
        case .flipMarkBits(let bits): "meta mark set meta mark ^ \(hex(bits))"
        case .masquerade: "masquerade fully-random"
        case .reject: "reject"
        case .counter: "counter"
        case .verdict(let verdict): "\(verdict)"
        }
    }

    private func text(_ cidr: CIDR) -> String {
        cidr.prefixLength == cidr.family.bits ? "\(cidr.address)" : "\(cidr)"
    }

    func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// nft 1.0.6 aborts on an `update` whose data begins with an IPv6 address; the kernel takes it.
    func isBeyondNft(_ rule: Rule) -> Bool {
        family == .ipv6
            && rule.statements.contains { if case .remember = $0 { true } else { false } }
    }
}

extension Verdict: CustomStringConvertible {
    public var description: String {
        switch self {
        case .accept: "accept"
        case .drop: "drop"
        case .return: "return"
        case .jump(let chain): "jump \(chain)"
        case .goto(let chain): "goto \(chain)"
        }
    }
}
