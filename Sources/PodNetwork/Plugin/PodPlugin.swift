import CNI
import Glibc
import KubeAPI
import Namespaces
import NetTypes
import Routes

/// `apus cni`: connects a pod by a veth pair whose ends are joined by routes alone, no bridge (CNI specification 0.3.0 to
/// 1.1.0). The calling thread's network namespace is the node's.
///
/// It fails closed: after an error the pod has no interface, and its addresses are given back.
public enum PodPlugin {
    public struct Outcome: Sendable, Equatable {
        public var output: [UInt8]
        public var exitCode: CInt
    }

    /// - Parameters:
    ///   - environment: CNI's variables.
    ///   - input: the network configuration.
    ///   - now: seconds since the machine started.
    public static func run(environment: [String: String], input: [UInt8], now: Int64) -> Outcome {
        var version = CNIVersion.newest
        do {
            let request = try PluginRequest(environment: environment, input: input)
            version = request.config.version
            let answer = try perform(request, now: now)
            return Outcome(output: answer.map { JSONWriter.bytes($0) + [UInt8(ascii: "\n")] } ?? [], exitCode: 0)
        } catch {
            let failure = error as? CNIFailure ?? CNIFailure(CNIFailure.Code.internal, "\(error)")
            return Outcome(output: JSONWriter.bytes(failure.json(version: version)) + [UInt8(ascii: "\n")], exitCode: 1)
        }
    }

    private static func perform(_ request: PluginRequest, now: Int64) throws -> JSONValue? {
        switch request.command {
        case .version:
            return [
                "cniVersion": .string("\(request.config.version)"),
                "supportedVersions": .array(CNIVersion.supported.map { .string("\($0)") }),
            ]
        case .add: return try add(request, now).json(version: request.config.version)
        case .check: try check(request, now)
        case .delete: try delete(request, now)
        case .garbageCollect: try collectGarbage(request, now)
        case .status: try status(request, now)
        }
        return nil
    }

    private static func leases(_ request: PluginRequest, _ now: Int64) throws(PodNetworkError) -> AddressLeases {
        try AddressLeases(
            directory: "\(request.config.dataDirectory)/\(request.config.network)", now: now,
            coolDown: request.config.coolDown)
    }

    private static func namespace(_ request: PluginRequest) throws(CNIFailure) -> NetworkNamespace {
        do { return try NetworkNamespace.at(request.namespacePath) } catch {
            throw CNIFailure(
                CNIFailure.Code.unknownContainer, "cannot enter the container's network namespace: \(error)")
        }
    }

    // MARK: Verbs

    private static func add(_ request: PluginRequest, _ now: Int64) throws -> NetworkResult {
        let namespace = try namespace(request)
        let link = PodLink(containerID: request.containerID, interface: request.interface)
        let addresses = try leases(request, now).acquire(
            container: request.containerID, interface: request.interface, ranges: request.config.ranges)
        do {
            let hardwareAddress = try link.create(namespace, addresses, mtu: request.config.mtu)
            return result(link, addresses, hardwareAddress: hardwareAddress, request)
        } catch {
            try? leases(request, now).release(container: request.containerID, interface: request.interface)
            throw error
        }
    }

    private static func result(
        _ link: PodLink, _ addresses: [IPAddress], hardwareAddress: [UInt8], _ request: PluginRequest
    ) -> NetworkResult {
        var result = NetworkResult()
        let mac = hardwareAddress.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
        result.interfaces = [
            .init(name: link.hostName, mac: PodLink.hostHardwareText),
            .init(name: link.interface, mac: mac, sandbox: request.namespacePath),
        ]
        for address in addresses {
            let gateway = PodLink.gateway(address.family)
            result.addresses.append(.init(address, prefixLength: address.family.bits, gateway: gateway, interface: 1))
            if let everything = CIDR(.unspecified(address.family), prefixLength: 0) {
                result.routes.append(.init(everything, gateway: gateway))
            }
        }
        return result
    }

    private static func check(_ request: PluginRequest, _ now: Int64) throws {
        let held = try leases(request, now).addresses(container: request.containerID, interface: request.interface)
        guard !held.isEmpty else {
            throw CNIFailure(
                CNIFailure.Code.unknownContainer,
                "container \(request.containerID) has no address of \(request.config.network)")
        }
        if let previous = request.config.previous {
            let told = try NetworkResult(previous).addresses.map(\.address).filter { address in
                request.config.ranges.contains { $0.contains(address) }
            }
            guard Set(told) == Set(held) else {
                throw PodNetworkError("container \(request.containerID) holds other addresses than it was given")
            }
        }
        try PodLink(containerID: request.containerID, interface: request.interface).check(try namespace(request), held)
    }

    /// The interface first: an address that still leads somewhere must not be given to another.
    private static func delete(_ request: PluginRequest, _ now: Int64) throws {
        try PodLink(containerID: request.containerID, interface: request.interface).delete()
        try leases(request, now).release(container: request.containerID, interface: request.interface)
    }

    private static func collectGarbage(_ request: PluginRequest, _ now: Int64) throws {
        let gone = try leases(request, now).release(allBut: request.config.validAttachments)
        for lease in gone where !lease.container.isEmpty {
            try PodLink(containerID: lease.container, interface: lease.interface).delete()
        }
    }

    private static func status(_ request: PluginRequest, _ now: Int64) throws {
        do {
            try leases(request, now).checkRoom(request.config.ranges)
        } catch {
            throw CNIFailure(CNIFailure.Code.notAvailable, "\(error)")
        }
    }
}
