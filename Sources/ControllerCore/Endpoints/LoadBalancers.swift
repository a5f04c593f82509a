import KubeAPI
import NetTypes

/// Addresses for Services of type LoadBalancer, from pools that somebody routes to this cluster.
///
/// The first free address of each of the Service's families is taken, or the one that it asks for
/// (`spec.loadBalancerIP`). What a Service has it keeps while it wants such, so that a restart changes nothing. Pure; a
/// search looks at addresses until one is free.
public struct LoadBalancers: Sendable {
    public struct Refusal: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// The class that these pools serve, besides none.
    public static let className = "apus.dev/pool"
    static let finalizer = "service.kubernetes.io/load-balancer-cleanup"

    private struct Pool: Sendable {
        let first: IPAddress
        let last: IPAddress

        func contains(_ address: IPAddress) -> Bool {
            address.family == first.family && !(address < first) && !(last < address)
        }
    }

    private let pools: [Pool]
    private var owners: [IPAddress: NamespacedName] = [:]
    private var owned: [NamespacedName: [IPAddress]] = [:]

    /// - Parameter pools: prefixes such as `192.0.2.0/28`, or `192.0.2.10-192.0.2.20`.
    public init(_ pools: [String]) throws(Refusal) {
        var parsed: [Pool] = []
        for text in pools {
            let ends = text.split(separator: "-").compactMap { IPAddress(String($0)) }
            if let range = CIDR(text) {
                parsed.append(Pool(first: range.address, last: range.last))
            } else if ends.count == 2, ends[0].family == ends[1].family, !(ends[1] < ends[0]) {
                parsed.append(Pool(first: ends[0], last: ends[1]))
            } else {
                throw Refusal(
                    description: "the pool \(text) is no range; write it as 192.0.2.0/28 or 192.0.2.10-192.0.2.20")
            }
        }
        self.pools = parsed
    }

    public var isEmpty: Bool { pools.isEmpty }

    private static func isOurs(_ service: APIObject) -> Bool {
        service.spec?["type"]?.string == "LoadBalancer"
            && [nil, className].contains(service.spec?["loadBalancerClass"]?.string)
    }

    private static func addresses(_ service: APIObject) -> [IPAddress] {
        (service.status?["loadBalancer"]?["ingress"]?.array ?? []).compactMap {
            $0["ip"]?.string.flatMap { IPAddress($0) }
        }
    }

    /// What a Service has already.
    public mutating func note(_ service: APIObject) {
        guard Self.isOurs(service), owned[service.key] == nil else { return }
        for address in Self.addresses(service) where pools.contains(where: { $0.contains(address) }) {
            take(address, service.key)
        }
    }

    private mutating func take(_ address: IPAddress, _ key: NamespacedName) {
        guard owners[address] == nil else { return }
        owners[address] = key
        owned[key, default: []].append(address)
    }

    public mutating func release(_ key: NamespacedName) {
        for address in owned.removeValue(forKey: key) ?? [] { owners[address] = nil }
    }

    public mutating func decide(_ service: APIObject) -> Decision {
        guard Self.isOurs(service), !service.isBeingDeleted else { return withdraw(service) }
        note(service)
        var decision = Decision()
        guard service.finalizers.contains(Self.finalizer) else {
            decision.perform(finalizers(service, service.finalizers + [Self.finalizer]))
            decision.events.append(EventText("EnsuringLoadBalancer", "Ensuring load balancer"))
            return decision
        }
        if let missing = allocate(service) {
            return Decision(
                events: [
                    EventText(
                        .warning, "SyncLoadBalancerFailed",
                        "Error syncing load balancer: failed to ensure load balancer: \(missing)")
                ], requeueAfter: .seconds(30))
        }
        let ingress = (owned[service.key] ?? []).map { address -> JSONValue in
            ["ip": .string(address.description), "ipMode": "VIP"]
        }
        var status = service.status ?? .emptyObject
        status[path: "loadBalancer", "ingress"] = .array(ingress)
        if let changed = service.changing(status: status) {
            decision.perform(
                .updateStatus(.service, changed), success: EventText("EnsuredLoadBalancer", "Ensured load balancer"))
        }
        return decision
    }

    /// Makes what the Service has what it wants. Why it has not what it asks for, or nothing; nil when all is well.
    private mutating func allocate(_ service: APIObject) -> String? {
        if let text = service.spec?["loadBalancerIP"]?.string, !text.isEmpty {
            guard let address = IPAddress(text), pools.contains(where: { $0.contains(address) }) else {
                return "the address \(text) is in no pool"
            }
            guard [nil, service.key].contains(owners[address]) else {
                return "the address \(text) belongs to another Service"
            }
            giveBack(service.key) { $0.family == address.family && $0 != address }
            take(address, service.key)
        }
        let families = (service.spec?["ipFamilies"]?.array?.compactMap(\.string) ?? ["IPv4"])
            .map { $0 == "IPv6" ? IPFamily.ipv6 : .ipv4 }
        giveBack(service.key) {
            !families.contains($0.family) && $0.description != service.spec?["loadBalancerIP"]?.string
        }
        for family in families where owned[service.key]?.contains(where: { $0.family == family }) != true {
            if let free = free(family) { take(free, service.key) }
        }
        return owned[service.key] == nil ? "no address is free in the pools" : nil
    }

    private mutating func giveBack(_ key: NamespacedName, where isUnwanted: (IPAddress) -> Bool) {
        for address in owned[key] ?? [] where isUnwanted(address) { owners[address] = nil }
        owned[key]?.removeAll(where: isUnwanted)
        if owned[key]?.isEmpty == true { owned[key] = nil }
    }

    private func free(_ family: IPFamily) -> IPAddress? {
        for pool in pools where pool.first.family == family {
            var address = pool.first
            // No more addresses are taken than there are owners, so one beyond that is free.
            for _ in 0...owners.count {
                if owners[address] == nil { return address }
                guard address < pool.last else { break }
                let (low, carry) = address.low.addingReportingOverflow(1)
                address = IPAddress(high: carry ? address.high &+ 1 : address.high, low: low)
            }
        }
        return nil
    }

    /// A Service that is no load balancer any more, or goes.
    private mutating func withdraw(_ service: APIObject) -> Decision {
        guard service.finalizers.contains(Self.finalizer) else { return Decision() }
        var decision = Decision(events: [EventText("DeletingLoadBalancer", "Deleting load balancer")])
        release(service.key)
        if !service.isBeingDeleted {
            var status = service.status ?? .emptyObject
            status[path: "loadBalancer"] = .emptyObject
            if let changed = service.changing(status: status) {
                decision.perform(.updateStatus(.service, changed))
                return decision
            }
        }
        decision.perform(
            finalizers(service, service.finalizers.filter { $0 != Self.finalizer }),
            success: EventText("DeletedLoadBalancer", "Deleted load balancer"))
        return decision
    }

    private func finalizers(_ service: APIObject, _ list: [String]) -> Write {
        .patch(
            .service, service.key, .merge,
            [
                "metadata": [
                    "resourceVersion": .string(service.resourceVersion),
                    "finalizers": .array(list.map { .string($0) }),
                ]
            ])
    }
}
