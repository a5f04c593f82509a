import KubeAPI
import KubeSchema
import NetTypes
import StoreCore

/// Services: cluster IPs, IP families, node ports and health check node ports.
public struct ServiceStrategy: ObjectStrategy {
    private let allocator: ServiceAllocator

    public init(store: any Store, network: ServiceNetwork) {
        allocator = ServiceAllocator(store: store, network: network)
    }

    public func prepareForCreate(_ object: inout JSONValue, _ context: RequestContext) async throws {
        var spec = ServiceSpec(object)
        try spec.settleFamilies(old: nil, allocator.network)
        try await allocate(&spec, of: object, before: nil, context)
        object[path: "spec"] = spec.json
    }

    public func prepareForUpdate(
        _ object: inout JSONValue, old: JSONValue, subresource: String, _ context: RequestContext
    ) async throws {
        guard subresource.isEmpty else { return }
        let before = ServiceSpec(old)
        var spec = ServiceSpec(object)
        spec.followClusterIP(of: before)
        spec.keepAllocated(of: before)
        spec.dropUnwanted(of: before)
        try spec.settleFamilies(old: before, allocator.network)
        try await allocate(&spec, of: object, before: before, context)
        object[path: "spec"] = spec.json
    }

    public func prepareForRemoval(_ object: JSONValue, _ context: RequestContext) async throws {
        let spec = ServiceSpec(object)
        context.alsoWrite(if: [], spec.addresses.map { Self.delete(AllocationKeys.address($0)) })
        context.alsoWrite(if: [], spec.takenPorts.map { Self.delete(AllocationKeys.port($0)) })
    }

    /// Fills in what is missing and claims what is new; what is no longer there is given back.
    private func allocate(
        _ spec: inout ServiceSpec, of service: JSONValue, before: ServiceSpec?, _ context: RequestContext
    ) async throws {
        let had = Holdings(before)
        try await claimNamed(spec, had, service, context)
        try await chooseAddresses(&spec)
        try await choosePorts(&spec)
        let has = Holdings(spec)
        for address in has.addresses.subtracting(had.addresses) { claim(address, for: service, context) }
        for port in has.ports.subtracting(had.ports) { claim(port, for: service, context) }
        context.alsoWrite(
            if: [], had.addresses.subtracting(has.addresses).map { Self.delete(AllocationKeys.address($0)) })
        context.alsoWrite(if: [], had.ports.subtracting(has.ports).map { Self.delete(AllocationKeys.port($0)) })
    }

    /// What the client names must be in range and free.
    private func claimNamed(
        _ spec: ServiceSpec, _ had: Holdings, _ service: JSONValue,
        _ context: RequestContext
    ) async throws {
        for address in spec.addresses.subtracting(had.addresses) {
            let path = "spec.clusterIPs"
            let value = JSONValue.array(spec.clusterIPs.map(JSONValue.string))
            guard try await allocator.isInRange(address) else {
                let detail =
                    "failed to allocate IP \(address): the provided network does not match the current range"
                throw InvalidObject([FieldError(.invalid, path, value, detail)])
            }
            if try await allocator.isTaken(AllocationKeys.address(address)) {
                let detail = "failed to allocate IP \(address): provided IP is already allocated"
                throw InvalidObject([FieldError(.invalid, path, value, detail)])
            }
        }
        for port in spec.takenPorts.subtracting(had.ports) { try await checkNamed(port, spec) }
    }

    private func checkNamed(_ port: UInt16, _ spec: ServiceSpec) async throws {
        let index = spec.ports.firstIndex { $0["nodePort"]?.integer == Int64(port) }
        let path = index.map { "spec.ports[\($0)].nodePort" } ?? "spec.healthCheckNodePort"
        let range = allocator.network.nodePorts
        guard range.contains(port) else {
            let detail =
                "provided port is not in the valid range. The range of valid ports is \(range.lowerBound)-\(range.upperBound)"
            throw InvalidObject([FieldError(.invalid, path, .integer(Int64(port)), detail)])
        }
        if try await allocator.isTaken(AllocationKeys.port(port)) {
            throw InvalidObject([
                FieldError(.invalid, path, .integer(Int64(port)), "provided port is already allocated")
            ])
        }
    }

    private func chooseAddresses(_ spec: inout ServiceSpec) async throws {
        guard !spec.isExternalName else {
            spec.clusterIPs = []
            return
        }
        guard !spec.isHeadless else {
            spec.clusterIPs = ["None"]
            return
        }
        var addresses = spec.clusterIPs
        for family in spec.families.dropFirst(addresses.count) {
            addresses.append(try await allocator.freeAddress(family == "IPv4" ? .ipv4 : .ipv6).description)
        }
        spec.clusterIPs = addresses
    }

    private func choosePorts(_ spec: inout ServiceSpec) async throws {
        var taken = spec.takenPorts
        if spec.wantsNodePorts {
            var ports = spec.ports
            for index in ports.indices where (ports[index]["nodePort"]?.integer ?? 0) == 0 {
                let sibling = Self.portOfSibling(ports[index], in: ports)
                let port = if let sibling { sibling } else { try await allocator.freePort(except: taken) }
                taken.insert(port)
                ports[index][path: "nodePort"] = .integer(Int64(port))
            }
            spec.ports = ports
        }
        if spec.wantsHealthCheckNodePort, spec.healthCheckNodePort == 0 {
            spec.healthCheckNodePort = Int64(try await allocator.freePort(except: taken))
        }
    }

    /// The same port with another protocol gets the same node port, as upstream.
    private static func portOfSibling(_ port: JSONValue, in ports: [JSONValue]) -> UInt16? {
        let sibling = ports.first { other in
            other["port"] == port["port"] && other["protocol"] != port["protocol"]
                && (other["nodePort"]?.integer ?? 0) != 0
        }
        return sibling?["nodePort"]?.integer.flatMap(UInt16.init(exactly:))
    }

    /// What a Service has.
    private struct Holdings {
        let addresses: Set<IPAddress>
        let ports: Set<UInt16>

        init(_ spec: ServiceSpec?) {
            addresses = spec?.addresses ?? []
            ports = spec?.takenPorts ?? []
        }
    }
}

extension ServiceStrategy {
    private static func delete(_ key: Bytes) -> StoreCore.Operation { .delete(.init(KeyRange(key: key))) }

    private static func isFree(_ key: Bytes) -> Compare { Compare(KeyRange(key: key), .equal, .createRevision(0)) }

    private func claim(_ address: IPAddress, for service: JSONValue, _ context: RequestContext) {
        let key = AllocationKeys.address(address)
        let object = IPAddressObject.json(address, service: service, now: context.now)
        context.alsoWrite(if: [Self.isFree(key)], [.put(.init(key, JSONWriter.bytes(object)))])
    }

    private func claim(_ port: UInt16, for service: JSONValue, _ context: RequestContext) {
        let key = AllocationKeys.port(port)
        let owner =
            "\(service[path: "metadata", "namespace"]?.string ?? "")/\(service[path: "metadata", "name"]?.string ?? "")"
        context.alsoWrite(if: [Self.isFree(key)], [.put(.init(key, Bytes(owner.utf8)))])
    }
}
