import NetTypes

/// Which pod has which addresses, so that no two have the same. What a pod has it keeps, whoever gave it.
struct PodAddresses {
    /// By the pod's uid.
    private var held: [String: [IPAddress]] = [:]
    private var used: Set<IPAddress> = []

    /// What a pod says that it has.
    mutating func note(_ addresses: [String], of uid: String) {
        if held[uid] == nil, !addresses.isEmpty { hold(addresses.compactMap { IPAddress($0) }, uid) }
    }

    /// One of each range that has a free one; the same whenever they are asked for.
    mutating func addresses(of uid: String, in ranges: [CIDR]) -> [IPAddress] {
        if let known = held[uid] { return known }
        let free = ranges.compactMap(free)
        if !free.isEmpty { hold(free, uid) }
        return free
    }

    mutating func release(_ uid: String) {
        for address in held.removeValue(forKey: uid) ?? [] { used.remove(address) }
    }

    private mutating func hold(_ addresses: [IPAddress], _ uid: String) {
        held[uid] = addresses
        used.formUnion(addresses)
    }

    /// Neither the range's first nor its last, which of IPv4 are no host's.
    private func free(in range: CIDR) -> IPAddress? {
        var address = range.address.next
        while address < range.last {
            if !used.contains(address) { return address }
            address = address.next
        }
        return nil
    }
}

extension IPAddress {
    fileprivate var next: IPAddress {
        let (low, carry) = low.addingReportingOverflow(1)
        return IPAddress(high: carry ? high &+ 1 : high, low: low)
    }
}
