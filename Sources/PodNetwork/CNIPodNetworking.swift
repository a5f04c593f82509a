import CNI
import KubeAPI
import NetTypes
import NodeServices

/// Pod networking by whatever CNI plugins the node's net.d directory names.
public struct CNIPodNetworking: PodNetworking {
    private let directory: String
    private let options: NetworkRunner.Options
    private let host: HostNamespace?

    /// - Parameters:
    ///   - directory: net.d; read again for each pod, so a new configuration needs no restart.
    ///   - host: the namespace that is the node's; nil is this process' own.
    public init(
        directory: String = "/etc/cni/net.d", options: NetworkRunner.Options = NetworkRunner.Options(),
        host: HostNamespace? = nil
    ) {
        self.directory = directory
        self.options = options
        self.host = host
    }

    public func setUp(_ pod: PodNetworkRequest) async throws -> PodNetworkResult {
        let runner = try runner()
        let attachment = Self.attachment(pod)
        if let known = try? runner.cachedResult(attachment) {
            // After a crash: as it is when it is whole, else from the beginning.
            if (try? await runner.check(attachment)) != nil { return PodNetworkResult(ips: Self.addresses(known)) }
            try await runner.delete(attachment)
        }
        let result = try await runner.add(attachment)
        let addresses = Self.addresses(result)
        guard !addresses.isEmpty else {
            try? await runner.delete(attachment)
            throw PodNetworkError(
                "the network \(runner.list.name) gave the pod \(pod.namespace)/\(pod.name) no address")
        }
        return PodNetworkResult(ips: addresses)
    }

    /// With the configuration that connected it, also when net.d has another by now.
    public func tearDown(_ pod: PodNetworkRequest) async throws {
        let attachment = Self.attachment(pod)
        let former = NetworkRunner.networks(of: attachment, options: options)
        for list in former { try await NetworkRunner(list, options: options, host: host).delete(attachment) }
        guard former.isEmpty, let runner = try? runner() else { return }
        try await runner.delete(attachment)
    }

    public func check(_ pod: PodNetworkRequest) async throws { try await runner().check(Self.attachment(pod)) }

    public func status() async -> String? {
        do {
            try await runner().status()
            return nil
        } catch {
            return "\(error)"
        }
    }

    public func collectGarbage(valid: [PodNetworkRequest]) async throws {
        try await runner().collectGarbage(valid: valid.map(Self.attachment))
    }

    private func runner() throws(CNIFailure) -> NetworkRunner {
        NetworkRunner(try NetworkDirectory.load(directory), options: options, host: host)
    }

    // MARK: Values

    static func attachment(_ pod: PodNetworkRequest) -> Attachment {
        var capabilities: [String: JSONValue] = [:]
        if !pod.portMappings.isEmpty { capabilities["portMappings"] = .array(pod.portMappings.map(json)) }
        if let bandwidth = pod.bandwidth { capabilities["bandwidth"] = json(bandwidth) }
        return Attachment(
            containerID: pod.sandboxID, namespacePath: pod.netnsPath,
            arguments: [
                .init("IgnoreUnknown", "1"), .init("K8S_POD_NAMESPACE", pod.namespace), .init("K8S_POD_NAME", pod.name),
                .init("K8S_POD_INFRA_CONTAINER_ID", pod.sandboxID), .init("K8S_POD_UID", pod.uid),
            ], capabilities: capabilities)
    }

    private static func json(_ mapping: PortMapping) -> JSONValue {
        var value: JSONValue = [
            "hostPort": .integer(Int64(mapping.hostPort)), "containerPort": .integer(Int64(mapping.containerPort)),
            "protocol": .string(mapping.transport.lowercased()),
        ]
        if let address = mapping.hostIP { value[path: "hostIP"] = .string("\(address)") }
        return value
    }

    /// The plugin takes no rate without a burst; as containerd, the largest.
    private static func json(_ bandwidth: PodBandwidth) -> JSONValue {
        var value = JSONValue.emptyObject
        for (name, rate) in [("ingress", bandwidth.ingress), ("egress", bandwidth.egress)] {
            guard let rate else { continue }
            value[path: name + "Rate"] = .integer(rate)
            value[path: name + "Burst"] = .integer(Int64(Int32.max))
        }
        return value
    }

    /// The pod's own addresses, the first of each family.
    private static func addresses(_ result: NetworkResult) -> [IPAddress] {
        let own = result.addresses.filter { address in
            guard let index = address.interface, result.interfaces.indices.contains(index) else { return true }
            return result.interfaces[index].sandbox != nil
        }.map(\.address)
        return own.enumerated().filter { index, address in
            !own[..<index].contains { $0.family == address.family }
        }.map(\.element)
    }
}
