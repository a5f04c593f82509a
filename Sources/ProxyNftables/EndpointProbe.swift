import Nftables

/// Finds what a large endpoint map holds by asking for elements instead of listing them, which for hash maps costs the
/// square of their size. Asks for all that should be there, and for what an earlier program can have left: further slots
/// of each service address, and the slots of addresses that are served no longer. When that is as many elements as the
/// kernel counts, it is everything. Pure.
struct EndpointProbe {
    /// Maps up to this size are listed: that is as fast up to here (0.6 s).
    static let threshold = 120_000

    /// Everything asked for that was there.
    private(set) var found: [SetElement] = []
    /// What to ask for next; empty at the end.
    private(set) var questions: [RegisterBytes]
    /// How many elements the kernel says there are.
    private let count: Int
    /// Per service address, the first slot not yet asked for.
    private var nextSlots: [RegisterBytes: UInt32] = [:]
    /// Slots asked for at a time where the last one asked for was filled.
    private static let stride: UInt32 = 16

    init(count: Int, desired: [RegisterBytes], frontends: some Sequence<RegisterBytes>) {
        self.count = count
        for frontend in frontends { nextSlots[frontend] = 0 }
        for key in desired {
            guard let (frontend, slot) = key.frontendAndSlot else { continue }
            nextSlots[frontend] = max(nextSlots[frontend] ?? 0, slot + 1)
        }
        questions = desired
        found.reserveCapacity(count)
        questions.reserveCapacity(desired.count + nextSlots.count)
        for (frontend, slot) in nextSlots {
            questions.append(frontend.slot(slot))
            nextSlots[frontend] = slot + 1
        }
    }

    /// True when what was found is all there is.
    var isComplete: Bool { found.count == count }

    /// Takes in those of the questions that were answered, and asks on where a service address goes on.
    mutating func take(_ elements: [SetElement]) {
        found += elements
        questions = []
        for element in elements {
            guard let (frontend, slot) = element.key.frontendAndSlot, let next = nextSlots[frontend], slot + 1 == next
            else { continue }
            questions += (next..<next + Self.stride).map { frontend.slot($0) }
            nextSlots[frontend] = next + Self.stride
        }
    }
}

extension RegisterBytes {
    /// The parts of an endpoint map's key.
    fileprivate var frontendAndSlot: (RegisterBytes, UInt32)? {
        withBytes { bytes in
            guard bytes.count > 4,
                let frontend = RegisterBytes(UnsafeRawBufferPointer(rebasing: bytes.dropLast(4)))
            else { return nil }
            return (frontend, bytes.loadUnaligned(fromByteOffset: bytes.count - 4, as: UInt32.self))
        }
    }

    fileprivate func slot(_ slot: UInt32) -> RegisterBytes {
        var key = self
        key.append(hostOrder: slot)
        return key
    }
}

extension Layout.SetName {
    /// For endpoint maps: the map of the service addresses whose slots they hold.
    var frontends: Layout.SetName? {
        switch self {
        case .serviceEndpoints, .serviceLocalEndpoints: .serviceIPs
        case .nodePortEndpoints, .nodePortLocalEndpoints: .serviceNodePorts
        default: nil
        }
    }
}
