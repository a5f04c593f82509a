import NetTypes

/// Which address of a range a pod gets. Pure: who has what is told.
enum AddressPool {
    /// Who has an address, or had it until `released`.
    struct Lease: Equatable {
        var container: String
        var interface: String
        /// Seconds since the machine started; nil while it is held.
        var released: Int64?
    }

    enum Choice: Equatable {
        case address(IPAddress)
        /// So many are held, and so many were given back too short a time ago.
        case exhausted(held: Int, coolingDown: Int)
    }

    /// The first free address after the one that was given last, in a circle: what was given back rests as long as possible,
    /// and `coolDown` seconds at least.
    static func choose(
        _ range: CIDR, leases: [IPAddress: Lease], last: IPAddress?, now: Int64, coolDown: Int64
    ) -> Choice {
        let (first, end) = usable(range)
        var address = last.flatMap { range.contains($0) && $0 >= first && $0 < end ? $0.next : nil } ?? first
        let own = leases.filter { range.contains($0.key) }
        // Among one more than there are leases, one has no lease, unless the circle closes before.
        for _ in 0...own.count {
            if isFree(own[address], now: now, coolDown: coolDown) { return .address(address) }
            address = address >= end ? first : address.next
        }
        let held = own.values.count { $0.released == nil }
        return .exhausted(held: held, coolingDown: own.count - held)
    }

    static func isFree(_ lease: Lease?, now: Int64, coolDown: Int64) -> Bool {
        guard let lease else { return true }
        guard let released = lease.released else { return false }
        // A clock that went back began with another start of the machine.
        return now < released || now - released >= coolDown
    }

    /// Without the network's own and its broadcast address (IPv4), and the subnet-router anycast address (RFC 4291, 2.6.1).
    static func usable(_ range: CIDR) -> (first: IPAddress, last: IPAddress) {
        guard range.prefixLength + 1 < range.family.bits else { return (range.address, range.last) }
        return (range.address.next, range.family == .ipv4 ? range.last.previous : range.last)
    }
}

extension IPAddress {
    var next: IPAddress {
        let (low, carry) = low.addingReportingOverflow(1)
        return IPAddress(high: carry ? high &+ 1 : high, low: low)
    }

    var previous: IPAddress {
        let (low, borrow) = low.subtractingReportingOverflow(1)
        return IPAddress(high: borrow ? high &- 1 : high, low: low)
    }
}
