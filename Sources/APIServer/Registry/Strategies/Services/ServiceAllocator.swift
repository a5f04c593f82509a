import KubeAPI
import KubeSchema
import NetTypes
import StoreCore

/// Gives Services their cluster IPs and node ports. What is taken stands in the store, one key each, and is written in the
/// transaction that writes the Service: nothing is given twice, whoever crashes when.
struct ServiceAllocator: Sendable {
    let store: any Store
    let network: ServiceNetwork
    private static let attempts = 16

    /// An address that nobody has: of the cluster's own range, or when that is full of a ServiceCIDR's.
    func freeAddress(_ family: IPFamily) async throws -> IPAddress {
        guard let range = network.range(of: family) else { throw Self.full("no range for \(family.serviceName)") }
        if let address = try await freeAddress(in: range) { return address }
        for range in try await addedRanges(family) {
            if let address = try await freeAddress(in: range) { return address }
        }
        throw Self.full("range is full")
    }

    private func freeAddress(in range: CIDR) async throws -> IPAddress? {
        let number = try await freeNumber(AllocationRange(addressesIn: range), under: AllocationKeys.addresses) {
            AllocationKeys.address(range.serviceAddress($0))
        }
        return number.map(range.serviceAddress)
    }

    /// Whether a Service may have the address at all.
    func isInRange(_ address: IPAddress) async throws -> Bool {
        guard let range = network.range(of: address.family) else { return false }
        if range.hasServiceAddress(address) { return true }
        return try await addedRanges(address.family).contains { $0.hasServiceAddress(address) }
    }

    /// Those of the ServiceCIDRs that are ready, or of which nobody has said whether they are (KEP-1880).
    private func addedRanges(_ family: IPFamily) async throws -> [CIDR] {
        let objects = try await StoredObjects(store).list(StorePrefix.serviceCIDRs).map(\.object).filter { object in
            let conditions = object[path: "status", "conditions"]?.array ?? []
            return object[path: "metadata", "deletionTimestamp"] == nil
                && !conditions.contains { $0["type"] == "Ready" && $0["status"] != "True" }
        }
        return objects.flatMap { $0[path: "spec", "cidrs"]?.array ?? [] }.compactMap { $0.string.flatMap(CIDR.init) }
            .filter { $0.family == family && !network.ranges.contains($0) }
    }

    func freePort(except taken: Set<UInt16>) async throws -> UInt16 {
        let first = UInt64(network.nodePorts.lowerBound)
        let numbers = AllocationRange(ports: network.nodePorts)
        let number = try await freeNumber(
            numbers, under: AllocationKeys.ports, except: Set(taken.map { UInt64($0) &- first })
        ) { AllocationKeys.port(UInt16(truncatingIfNeeded: first + $0)) }
        guard let number else {
            throw Status(
                code: 500, reason: "InternalError",
                message: "Internal error occurred: failed to allocate a nodePort: range is full")
        }
        return UInt16(truncatingIfNeeded: first + number)
    }

    /// Some random ones first; only a range that is nearly full is read whole.
    private func freeNumber(
        _ numbers: AllocationRange, under prefix: String, except: Set<UInt64> = [], key: (UInt64) -> Bytes
    ) async throws -> UInt64? {
        for _ in 0..<Self.attempts {
            guard let number = numbers.candidate(.random(in: 0...UInt64.max)) else { return nil }
            if !except.contains(number), try await !isTaken(key(number)) { return number }
        }
        var query = RangeQuery(KeyRange(prefix: Bytes(prefix.utf8)))
        query.keysOnly = true
        let taken = Set(try await store.range(query).result.keyValues.map(\.key))
        guard let start = numbers.candidate(.random(in: 0...UInt64.max)) else { return nil }
        return numbers.firstFree(from: start) { except.contains($0) || taken.contains(key($0)) }
    }

    func isTaken(_ key: Bytes) async throws -> Bool {
        var query = RangeQuery(KeyRange(key: key))
        query.countOnly = true
        return try await store.range(query).result.count > 0
    }

    private static func full(_ reason: String) -> Status {
        Status(
            code: 500, reason: "InternalError",
            message: "Internal error occurred: failed to allocate a serviceIP: \(reason)")
    }
}

/// Where it stands who has what.
enum AllocationKeys {
    /// The IPAddress objects (networking.k8s.io/v1).
    static let addresses = "/registry/ipaddresses/"
    static let ports = "/registry/ranges/servicenodeports/"

    static func address(_ address: IPAddress) -> Bytes { Bytes("\(addresses)\(address)".utf8) }
    static func port(_ port: UInt16) -> Bytes { Bytes("\(ports)\(port)".utf8) }
}
