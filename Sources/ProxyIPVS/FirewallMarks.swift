import ProxyCore

/// The packet marks that lead local pods and the node to a virtual server of their own, one for each service port that
/// needs it.
struct FirewallMarks: Sendable {
    /// All our marks have this in the bits of `mask`. The kernel compares the whole mark; bits 12 to 15, which kubelet
    /// and kube-proxy use, stay clear.
    static let prefix: UInt32 = 0x4900_0000
    static let mask: UInt32 = 0xff00_f000
    /// One of ours that no service port gets.
    static let probe: UInt32 = 0x49ff_0fff
    private static let capacity: UInt32 = (1 << 20) - 1

    private var marks: [ServicePortName: UInt32] = [:]
    private var taken: Set<UInt32> = []

    static func isOurs(_ mark: UInt32) -> Bool { mark & mask == prefix }

    subscript(_ name: ServicePortName) -> UInt32? { marks[name] }

    /// The same mark as after a restart, but where two names have the same hash. nil when there is none left.
    mutating func claim(_ name: ServicePortName) -> UInt32? {
        if let mark = marks[name] { return mark }
        guard taken.count < Self.capacity else { return nil }
        var number = Self.hash(name) % Self.capacity
        while taken.contains(Self.mark(number)) { number = (number + 1) % Self.capacity }
        let mark = Self.mark(number)
        taken.insert(mark)
        marks[name] = mark
        return mark
    }

    mutating func release(_ name: ServicePortName) {
        if let mark = marks.removeValue(forKey: name) { taken.remove(mark) }
    }

    private static func mark(_ number: UInt32) -> UInt32 { prefix | (number >> 12) << 16 | number & 0xfff }

    /// FNV-1a.
    private static func hash(_ name: ServicePortName) -> UInt32 {
        "\(name) \(name.proto)".utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }
}
