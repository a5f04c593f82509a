import NetTypes

/// What is wanted of a name, and how much of it.
struct RecordChoice {
    let type: RecordType
    let rotation: Int
    let most: Int

    /// The addresses that are wanted, beginning at another one each time.
    func data(_ ipv4: [IPAddress], _ ipv6: [IPAddress]) -> [RecordData] {
        switch type {
        case .a: rotated(ipv4).map(RecordData.address)
        case .aaaa: rotated(ipv6).map(RecordData.address)
        case .any: [.minimalAny]
        default: []
        }
    }

    func data(_ addresses: [IPAddress]) -> [RecordData] {
        data(addresses.filter { $0.family == .ipv4 }, addresses.filter { $0.family == .ipv6 })
    }

    func rotated<Element>(_ all: [Element]) -> [Element] {
        guard all.count > 1 else { return all }
        let start = rotation % all.count
        let first = all[start...].prefix(most)
        return Array(first) + all[..<start].prefix(most - first.count)
    }
}

/// What is at a name.
enum Finding {
    struct Node {
        var data: [RecordData]
        /// nil for the zone's.
        var ttl: UInt32?
        var additional: [ResourceRecord] = []

        init(_ data: [RecordData], ttl: UInt32? = nil) {
            self.data = data
            self.ttl = ttl
        }
    }

    /// No name, and none below it.
    case missing
    /// Perhaps without records of the type.
    case node(Node)
    case alias(DomainName)
}

extension RecordData {
    /// RFC 8482: the answer to ANY.
    static var minimalAny: RecordData { .opaque(.hinfo, [7] + "RFC8482".utf8 + [0]) }
}
