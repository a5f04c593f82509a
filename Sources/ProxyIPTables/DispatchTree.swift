import NetTypes
import ProxyCore

/// A frontend as the path to it in a tree of chains: four bits of its address at a time, its protocol, four bits of its
/// port at a time. Without an address it is a node port.
struct DispatchKey: Hashable, Sendable, Comparable {
    let ip: IPAddress?
    let proto: TransportProtocol
    let port: UInt16

    init(_ ip: IPAddress?, _ proto: TransportProtocol, _ port: UInt16) {
        self.ip = ip
        self.proto = proto
        self.port = port
    }

    static func < (a: DispatchKey, b: DispatchKey) -> Bool {
        if let first = a.ip, let second = b.ip, first != second { return first < second }
        if a.proto != b.proto { return a.proto < b.proto }
        return a.port < b.port
    }

    private var addressDigits: Int { ip.map { $0.family == .ipv4 ? 8 : 32 } ?? 0 }
    var digitCount: Int { addressDigits + 5 }

    func digit(_ index: Int) -> UInt8 {
        if index == addressDigits { return proto.rawValue }
        if index > addressDigits { return UInt8(port >> UInt16(4 * (addressDigits + 4 - index)) & 15) }
        // The low bits of an address end at bit 0 in both families.
        let shift = 4 * (addressDigits - 1 - index)
        guard let ip else { return 0 }
        return UInt8((shift >= 64 ? ip.high >> UInt64(shift - 64) : ip.low >> UInt64(shift)) & 15)
    }

    /// Matches all that shares the first `depth` digits; nothing for none.
    func match(depth: Int) -> String {
        var words: [String] = []
        if let ip, depth > 0 {
            let length = UInt8(4 * min(depth, addressDigits))
            if let prefix = CIDR(ip, prefixLength: length) { words.append("-d \(prefix)") }
        }
        if depth > addressDigits { words.append("-p \(proto)") }
        return words.joined(separator: " ")
    }

    /// The rest of the match, which iptables-save prints after the comment.
    func portMatch(depth: Int) -> String? {
        let digits = depth - addressDigits - 1
        guard digits > 0 else { return nil }
        if digits == 4 { return "-m \(proto) --dport \(port)" }
        let span = UInt16.max >> UInt16(4 * digits)
        return "-m \(proto) --dport \(port & ~span):\(port | span)"
    }

    /// Names the node at `depth`, the same for all keys that share that many digits.
    func path(depth: Int) -> String {
        let text = (0..<depth).map { index in
            index == addressDigits ? "\(proto)".uppercased() : String(digit(index), radix: 16, uppercase: true)
        }.joined()
        return text.utf8.count <= 18 ? text : ChainName.base32(text)
    }
}

struct DispatchTarget: Hashable, Sendable {
    let chain: String
    let comment: String
}

/// A tree of chains from a destination to the chain of its service port: each node looks at four bits, so a packet
/// passes a few rules in each of a few chains however many frontends there are. Depends on the frontends alone.
struct DispatchTree {
    /// Up to so many frontends stand in one chain, one after the other.
    private static let bucket = 8
    /// The kernel nests 16 chains; what lies deeper stands in one.
    private static let mostLevels = 8

    private let root: String
    private let prefix: String
    private let keys: [DispatchKey]
    private let targets: [DispatchKey: DispatchTarget]
    private(set) var chains: [String: [String]] = [:]

    init(_ targets: [DispatchKey: DispatchTarget], root: String, prefix: String) {
        self.root = root
        self.prefix = prefix
        self.targets = targets
        keys = targets.keys.sorted()
        build(root, keys.indices, depth: 0, level: 0)
    }

    private mutating func build(_ chain: String, _ range: Range<Int>, depth: Int, level: Int) {
        guard range.count > Self.bucket, level < Self.mostLevels else {
            chains[chain] = range.map(leaf)
            return
        }
        let depth = commonDepth(range, from: depth)
        var rules: [String] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let digit = keys[start].digit(depth)
            var end = start
            while end < range.upperBound, keys[end].digit(depth) == digit { end += 1 }
            rules += branch(start..<end, depth: depth, level: level)
            start = end
        }
        chains[chain] = rules
    }

    private mutating func branch(_ range: Range<Int>, depth: Int, level: Int) -> [String] {
        guard range.count > 1 else { return range.map(leaf) }
        let depth = commonDepth(range, from: depth)
        let key = keys[range.lowerBound]
        let name = prefix + key.path(depth: depth)
        build(name, range, depth: depth, level: level + 1)
        let words = [key.match(depth: depth), key.portMatch(depth: depth) ?? "", "-g \(name)"]
        return [words.filter { !$0.isEmpty }.joined(separator: " ")]
    }

    /// How many digits all keys of a range share. Keys differ, so there is an end to it.
    private func commonDepth(_ range: Range<Int>, from depth: Int) -> Int {
        guard range.count > 1 else { return depth }
        var depth = depth
        let first = keys[range.lowerBound]
        let last = keys[range.upperBound - 1]
        while depth < first.digitCount - 1, first.digit(depth) == last.digit(depth) { depth += 1 }
        return depth
    }

    private func leaf(_ index: Int) -> String {
        let key = keys[index]
        guard let target = targets[key] else { return "" }
        let words = [
            key.match(depth: key.digitCount), RuleText.comment(target.comment),
            key.portMatch(depth: key.digitCount) ?? "", "-j \(target.chain)",
        ]
        return words.joined(separator: " ")
    }
}
